// doctor --prove: shows on this very kernel, away from the machine's own connections, that a ban blocks and an eviction
// frees. All that it makes goes with the canary's namespaces.

import { labUnavailable, type Population, until } from "../../../../lab/index.ts";
import { type CanaryEviction, type CheckResult, evictionCommand } from "../../../doctor/index.ts";
import type { CanaryAddresses } from "../../../enforce/index.ts";
import type { Severity } from "../../../model/index.ts";
import { BAN_PROOFS, type BanProof } from "./bans.ts";
import { CANARY_FAMILIES, Canary, type CanaryFamily } from "./canary.ts";

const HOARD = 50;
const BYSTANDERS = 5;
const TRIES = 3;
/** Generous: on a busy machine the canary waits for the processor. */
const SETTLE_MS = 10_000;

const READ = "the clients' own results; /proc/PID/fd of the server; /proc/net/tcp6 of its namespace";
const EVICTION = "prove-eviction";

/** The thing that no canary can show. */
const BEYOND: CheckResult = {
  ...base("prove-beyond", "notice"),
  ok: null,
  text: "that your own server closes the descriptors of destroyed connections (the canary is a small one of ours), and that no rule of this host's own firewall lets a banned address in first",
};

/** Never throws because of the machine: a proof that fails is a result with the reason. */
export async function prove(bans: readonly BanProof[] = BAN_PROOFS): Promise<readonly CheckResult[]> {
  const reason = labUnavailable();
  if (reason !== null) return [...bans.map(({ id }) => id), EVICTION].map((id) => untold(id, reason));
  await using canary = await Canary.open();
  const results: CheckResult[] = [];
  for (const ban of bans) results.push(await attempt(ban.id, () => proveBan(canary, ban)));
  results.push(await attempt(EVICTION, () => proveEviction(canary)));
  return [...results, BEYOND];
}

/** A proof that throws is a failed one: its own words say why. */
async function attempt(id: string, proof: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await proof();
  } catch (error) {
    return untold(
      id,
      error instanceof Error ? error.message.split("\n").slice(0, 2).join(": ") : String(error),
    );
  }
}

async function proveBan(canary: Canary, proof: BanProof): Promise<CheckResult> {
  const missing = await missingPrograms(canary, proof);
  if (missing !== null) return untold(proof.id, missing);
  const [before, other] = [await holdAll(canary), await holdAll(canary)];
  try {
    return await tryBan(canary, proof, before, other);
  } finally {
    // They close even after a failed command: the next proof would count their connections.
    for (const population of [before.ipv4, before.ipv6, other.ipv4, other.ipv6]) await population.stop();
  }
}

type Held = Readonly<Record<CanaryFamily, Population>>;

async function tryBan(canary: Canary, proof: BanProof, before: Held, other: Held): Promise<CheckResult> {
  const addresses = { ipv4: before.ipv4.addresses[0]!, ipv6: before.ipv6.addresses[0]! };
  const others = { ipv4: other.ipv4.addresses[0]!, ipv6: other.ipv6.addresses[0]! };
  const held = await canary.established();
  await runAll(canary, proof.ban(addresses));
  const banned = await connect(canary, addresses);
  // A ban alone frees nothing: the held connections are still held after it.
  const kept = (await canary.established()) - banned === held;
  const free = await connect(canary, others);
  await runAll(canary, proof.lift);
  const lifted = await connect(canary, addresses);
  const wanted = CANARY_FAMILIES.length * TRIES;
  const numbers = `${banned} of ${wanted} connections got in from the banned addresses (IPv4 and IPv6), ${free} of ${wanted} from others, ${lifted} of ${wanted} once it was lifted`;
  return banned === 0 && free === wanted && lifted === wanted
    ? {
        ...base(proof.id, "warning"),
        ok: true,
        text: `a ban by ${proof.name} blocks: ${numbers}${kept ? "; connections held before the ban stayed, so evict as well" : ""}`,
      }
    : failedProof(proof.id, "warning", `A ban by ${proof.name} does not work here: ${numbers}.`);
}

async function proveEviction(canary: Canary): Promise<CheckResult> {
  // The server closes the connections of the tried bans in its own time; open ones would be counted below.
  await settle(async () => (await canary.owned()) === 0, "earlier connections to be closed");
  const descriptorsBefore = canary.descriptors();
  const establishedBefore = await canary.established();
  const bystanders = await canary.hold("ipv4", BYSTANDERS);
  const hoards = [await canary.hold("ipv4", HOARD), await canary.hold("ipv6", HOARD)];
  const held = CANARY_FAMILIES.length * HOARD;
  await settle(() => canary.descriptors() === descriptorsBefore + held + BYSTANDERS, "the server to accept");
  const evicted = await Promise.all(hoards.map(({ addresses }) => evict(canary, addresses[0]!)));
  const refused = evicted.find((each) => each.kind === "refused");
  if (refused !== undefined)
    return failedProof(EVICTION, "critical", `Nothing could be evicted: ${refused.reason}.`);
  const destroyed = evicted.reduce((sum, each) => sum + (each.kind === "evicted" ? each.destroyed : 0), 0);
  // The server takes a moment to close its descriptors.
  const freed = () => descriptorsBefore + held + BYSTANDERS - canary.descriptors();
  await settle(() => freed() === held, "the descriptors to come free").catch(() => {});
  const counts = await Promise.all(hoards.map((hoard) => hoard.count()));
  const lost = counts.reduce((sum, { lost: cut }) => sum + cut, 0);
  const [{ open }, established] = [
    await bystanders.count(),
    (await canary.established()) - establishedBefore,
  ];
  const numbers = `${destroyed} of ${held} connections destroyed (IPv4 and IPv6), ${lost} seen cut by their clients, ${freed()} descriptors freed by the server, ${open} of ${BYSTANDERS} bystanders untouched, ${established} established left`;
  const proven =
    [destroyed, lost, freed()].every((n) => n === held) && open === BYSTANDERS && established === BYSTANDERS;
  return proven
    ? { ...base(EVICTION, "critical"), ok: true, text: `an eviction frees: ${numbers}` }
    : failedProof(EVICTION, "critical", `An eviction does not do what it must: ${numbers}.`);
}

async function holdAll(canary: Canary): Promise<Held> {
  return { ipv4: await canary.hold("ipv4", 1), ipv6: await canary.hold("ipv6", 1) };
}

/** How many new connections from these addresses get in. */
async function connect(canary: Canary, addresses: CanaryAddresses): Promise<number> {
  const tries = CANARY_FAMILIES.map((family) => canary.hold(family, TRIES, [addresses[family]]));
  const populations = await Promise.all(tries);
  await Promise.all(populations.map((population) => population.stop()));
  return populations.reduce((sum, { opened }) => sum + opened, 0);
}

async function evict(canary: Canary, address: string): Promise<CanaryEviction> {
  return JSON.parse(await canary.lab.victim.read(evictionCommand(canary.target(address)))) as CanaryEviction;
}

async function runAll(canary: Canary, commands: readonly (readonly string[])[]): Promise<void> {
  for (const argv of commands) await canary.lab.victim.read(argv);
}

async function missingPrograms(canary: Canary, { needs }: BanProof): Promise<string | null> {
  for (const need of needs) {
    // `nsenter` ends with 127 where it does not find the program.
    const { code } = await canary.lab.victim.run([need.program, "--version"]);
    if (code === 127) return `there is no program ${need.program} (Debian's package is ${need.package})`;
  }
  return null;
}

function settle(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  return until(condition, { what, timeoutMs: SETTLE_MS });
}

function base(id: string, severity: Severity): Omit<CheckResult, "ok" | "text"> {
  const source = "played in a private pair of network namespaces on this kernel";
  return { id, severity, read: [READ], advice: null, fix: [], source };
}

function untold(id: string, reason: string): CheckResult {
  return { ...base(id, "warning"), ok: null, text: `not proven: ${reason}` };
}

function failedProof(id: string, severity: Severity, text: string): CheckResult {
  const advice = "Do not rely on it: tell the kernel's version and these numbers when you ask for help.";
  return { ...base(id, severity), ok: false, text, advice };
}
