// The contents of a plan, and what a plan never does.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KNOWN_SETTINGS, TUNE_PROFILES, type TuneProfile } from "../settings/known-settings.ts";
import type { TuneFacts, TuneRequest } from "./facts.ts";
import { GOALS } from "./goals.ts";
import { judgeHere } from "./judged.ts";
import { addPorts, dangersOf, planTune } from "./plan.ts";
import { ACCOUNT_LINES, accountMachine, CONNTRACK, DEFAULTS, KAMAILIO, machine } from "./testing/facts.ts";
import type { TuneChange } from "./tune-plan.ts";

const ask = (profile: TuneProfile, rest: Partial<TuneRequest> = {}): TuneRequest => ({
  profile,
  connections: null,
  perSecond: null,
  service: null,
  ...rest,
});

const wanted = (changes: readonly TuneChange[]): Record<string, string> =>
  Object.fromEntries(changes.map((change) => [change.what, change.wanted]));

/** The machine once the plan is carried out and its services are restarted. */
function carriedOut(facts: TuneFacts, changes: readonly TuneChange[]): TuneFacts {
  const live = new Map(facts.live);
  for (const { target, wanted } of changes) if (target.kind === "sysctl") live.set(target.name, wanted);
  const services = facts.services.map((service) => {
    const change = changes.find(({ target }) => target.kind === "limit" && target.unit === service.unit);
    if (change === undefined) return service;
    const [soft, hard = soft] = change.wanted.split(":").map(Number);
    return { ...service, limits: { soft: soft!, hard: hard! } };
  });
  return { ...facts, live, services };
}

test("a phone server as it comes is set for phones", () => {
  assert.deepEqual(wanted(planTune(machine(CONNTRACK), ask("mobile")).changes), {
    "net.ipv4.tcp_keepalive_time": "600",
    "net.ipv4.tcp_keepalive_intvl": "30",
    "net.ipv4.tcp_keepalive_probes": "6",
    "net.ipv4.tcp_retries2": "10",
    "net.ipv4.tcp_synack_retries": "4",
    "net.ipv4.tcp_mtu_probing": "1",
    "net.ipv4.tcp_rmem": "4096 65536 1048576",
    "net.ipv4.tcp_wmem": "4096 16384 1048576",
    "net.netfilter.nf_conntrack_tcp_timeout_established": "86400",
    "LimitNOFILE of kamailio.service": "65536:524288",
  });
});

test("trunk and churn differ where their clients do", () => {
  const trunk = wanted(planTune(machine({}), ask("trunk")).changes);
  assert.deepEqual(
    ["time", "intvl", "probes"].map((part) => trunk[`net.ipv4.tcp_keepalive_${part}`]),
    ["60", "10", "6"],
  );
  assert.equal(trunk["LimitNOFILE of kamailio.service"], "8192:524288");
  const churn = wanted(
    planTune(machine({}, { listeningPorts: [22, 15672, 15673, 8883] }), ask("churn")).changes,
  );
  assert.equal(churn["net.ipv4.ip_local_port_range"], "10240 60999");
  // Servers in the wider range keep their ports, and get them reserved before the range is widened.
  assert.equal(churn["net.ipv4.ip_local_reserved_ports"], "15672-15673");
  assert.equal(Object.keys(churn)[0], "net.ipv4.ip_local_reserved_ports");
});

test("a number of connections raises limits, queues and the tracker", () => {
  const facts = machine(CONNTRACK);
  const changes = wanted(planTune(facts, ask("mobile", { connections: 1_000_000 })).changes);
  assert.equal(changes["net.core.somaxconn"], "66668");
  assert.equal(changes["net.netfilter.nf_conntrack_max"], "2000384");
  assert.equal(changes["net.netfilter.nf_conntrack_buckets"], "2000384");
  // More descriptors than fs.nr_open allows are not asked for, since a unit with them would not get them.
  assert.equal(changes["LimitNOFILE of kamailio.service"], "1048576");
  const { advice } = planTune(facts, ask("mobile", { connections: 1_000_000 }));
  assert.ok(advice.some(({ text }) => /2004096 descriptors are more than fs.nr_open, 1048576/.test(text)));
});

test("the account's machine: each of its mistakes is refused by name, and none is planned", () => {
  const { changes, refused, overrides } = planTune(accountMachine(), ask("mobile"));
  const kinds = Object.fromEntries(refused.map(({ what, kind }) => [what, kind]));
  assert.deepEqual(kinds, {
    "fs.file-max": "dangerous",
    "net.ipv4.tcp_orphan_retries": "dangerous",
    "net.ipv4.tcp_mem": "dangerous",
    "net.ipv4.tcp_retries2": "dangerous",
    "net.ipv4.tcp_tw_recycle": "obsolete",
    "net.ipv4.tcp_max_syn_backlog": "no-op",
    "net.core.netdev_max_backlog": "no-op",
    "net.ipv4.tcp_max_tw_buckets": "wrong",
  });
  assert.ok(refused.every(({ where }) => /^\/etc\/sysctl\.conf:\d+$/.test(where)));
  const planned = wanted(changes);
  assert.equal(planned["net.ipv4.tcp_retries2"], "10");
  assert.equal(planned["net.ipv4.tcp_orphan_retries"], "0");
  // Written nowhere, whatever they are.
  for (const name of ["fs.file-max", "fs.nr_open", "net.ipv4.tcp_mem", "net.ipv4.tcp_max_orphans"]) {
    assert.ok(!(name in planned), name);
  }
  // Its file is read after ours, so its lines would win at the next boot.
  assert.ok(overrides.some(({ what, value }) => what === "net.ipv4.tcp_retries2" && value === "5"));
  assert.ok(overrides.every(({ where }) => where.startsWith("/etc/sysctl.conf:")));
});

test("a plan with a dangerous value is seen, whoever made it", () => {
  for (const { key: name, value } of ACCOUNT_LINES) {
    const verdict = judgeHere({ what: name, value, place: "file" }, machine({}), "mobile")?.verdict;
    const change = { what: name, live: "", wanted: value, why: "", bites: "", risk: "" };
    const dangers = dangersOf([{ ...change, target: { kind: "sysctl", name } }], machine({}), "mobile");
    assert.equal(
      dangers.length,
      verdict !== "keep" && verdict !== "adjust" && verdict !== "no-op" ? 1 : 0,
      name,
    );
  }
  assert.equal(
    dangersOf(planTune(accountMachine(), ask("mobile")).changes, accountMachine(), "mobile").length,
    0,
  );
});

for (const [name, value, why] of [
  ["net.ipv4.tcp_retries2", "9", "204 s, and phones are given 200"],
  ["net.core.somaxconn", "65535", "more than needed"],
  ["net.ipv4.tcp_rmem", "4096 32768 524288", "lower than needed"],
  ["net.ipv4.tcp_fin_timeout", "30", "half is harmless"],
  ["net.ipv4.tcp_mtu_probing", "2", "probes even more"],
  ["net.ipv4.tcp_tw_reuse", "1", "more than loopback"],
  ["net.ipv4.tcp_orphan_retries", "7", "51 s"],
] as const) {
  test(`${name} = ${value} is left alone for phones: ${why}`, () => {
    assert.ok(!(name in wanted(planTune(machine({ [name]: value }), ask("mobile")).changes)));
  });
}

test("orphan_retries of 6 s are too few for phones, which may be away longer, and enough for churn", () => {
  const facts = machine({ "net.ipv4.tcp_orphan_retries": "4" });
  assert.equal(wanted(planTune(facts, ask("mobile")).changes)["net.ipv4.tcp_orphan_retries"], "0");
  assert.ok(!("net.ipv4.tcp_orphan_retries" in wanted(planTune(facts, ask("churn")).changes)));
});

test("keepalive that is sooner and as patient is left alone, all three", () => {
  const better = { time: "300", intvl: "45", probes: "6" };
  const live = Object.fromEntries(
    Object.entries(better).map(([part, value]) => [`net.ipv4.tcp_keepalive_${part}`, value]),
  );
  const { changes } = planTune(machine(live), ask("mobile"));
  assert.ok(!changes.some(({ what }) => what.includes("keepalive")));
});

test("with a lower longest timeout it takes more retries to be as patient", () => {
  const { changes } = planTune(machine({ "net.ipv4.tcp_rto_max_ms": "30000" }), ask("mobile"));
  assert.equal(wanted(changes)["net.ipv4.tcp_retries2"], "12");
  const trunk = planTune(machine({ "net.ipv4.tcp_rto_max_ms": "30000" }), ask("trunk"));
  assert.equal(wanted(trunk.changes)["net.ipv4.tcp_retries2"], "9");
});

test("a setting that this kernel lacks, or that may not be written here, is not planned", () => {
  const live = new Map(Object.entries(DEFAULTS).filter(([name]) => name !== "net.ipv4.tcp_mtu_probing"));
  const readOnly = new Set(["net.netfilter.nf_conntrack_max"]);
  const facts = machine({}, { live: new Map([...live, ...Object.entries(CONNTRACK)]), readOnly });
  const { changes, advice } = planTune(facts, ask("mobile", { connections: 500_000 }));
  assert.ok(!("net.ipv4.tcp_mtu_probing" in wanted(changes)));
  assert.ok(!("net.netfilter.nf_conntrack_max" in wanted(changes)));
  assert.ok(
    advice.some(({ what, text }) => what.endsWith("conntrack_max") && /1000448.*namespace/.test(text)),
  );
});

test("which services get a limit: known servers and those that hold many, or the one that is named", () => {
  const ssh = { ...KAMAILIO, unit: "ssh.service", program: "sshd", connections: 3 };
  const own = { ...KAMAILIO, unit: "chat.service", program: "chatd", connections: 400 };
  const limited = (services: TuneFacts["services"], service: string | null = null) =>
    Object.keys(wanted(planTune(machine({}, { services }), ask("mobile", { service })).changes))
      .filter((what) => what.startsWith("LimitNOFILE"))
      .map((what) => what.slice("LimitNOFILE of ".length));
  assert.deepEqual(limited([KAMAILIO, ssh, own]), ["kamailio.service", "chat.service"]);
  assert.deepEqual(limited([KAMAILIO, ssh], "ssh.service"), ["ssh.service"]);
  assert.deepEqual(limited([ssh]), []);
  const { advice } = planTune(machine({}, { services: [ssh] }), ask("mobile"));
  assert.ok(advice.some(({ text }) => /--service \(listening: ssh\.service\)/.test(text)));
});

test("a limit is never lowered, and what a container starts is left to its container", () => {
  const generous = { ...KAMAILIO, limits: { soft: 500_000, hard: Number.POSITIVE_INFINITY } };
  assert.ok(!planTune(machine({}, { services: [generous] }), ask("mobile")).changes.some(isLimit));
  const unlimitedHard = { ...KAMAILIO, limits: { soft: 1024, hard: Number.POSITIVE_INFINITY } };
  const { changes } = planTune(machine({}, { services: [unlimitedHard] }), ask("mobile"));
  assert.equal(changes.find(isLimit)?.wanted, "65536:1048576");
  const stopped = planTune(machine({}, { services: [{ ...KAMAILIO, limits: null }] }), ask("mobile"));
  assert.deepEqual(
    [stopped.changes.find(isLimit)?.live, stopped.changes.find(isLimit)?.wanted],
    [null, "65536:524288"],
  );
  const container = { ...KAMAILIO, unit: "docker-4711.scope" };
  const plan = planTune(machine({}, { services: [container] }), ask("mobile"));
  assert.ok(!plan.changes.some(isLimit));
  assert.ok(plan.advice.some(({ text }) => /--ulimit nofile/.test(text)));
});

test("a limit that the files already give needs a restart, not a plan; one that a later file takes back is told", () => {
  const [file, line] = ["/etc/systemd/system/kamailio.service.d/override.conf", 3];
  const waiting = { ...KAMAILIO, limitLines: [{ file, line, soft: 70_000, hard: 524_288 }] };
  const plan = planTune(machine({}, { services: [waiting] }), ask("mobile"));
  assert.ok(!plan.changes.some(isLimit));
  assert.ok(plan.advice.some(({ text }) => /restart of kamailio\.service/.test(text)));
  const lower = { ...KAMAILIO, limitLines: [{ file, line, soft: 4096, hard: 4096 }] };
  const { overrides } = planTune(machine({}, { services: [lower] }), ask("mobile"));
  assert.deepEqual(
    overrides.map(({ where, value }) => [where, value]),
    [[`${file}:3`, "4096"]],
  );
});

const isLimit = ({ target }: TuneChange): boolean => target.kind === "limit";

test("every recommendation that is a number has a goal, except those that are only ever advice", () => {
  const ruled = new Set(GOALS.map(({ name }) => name));
  const missing = KNOWN_SETTINGS.filter(
    ({ kind, recommend }) => kind === "sysctl" && Object.values(recommend).some((value) => value !== null),
  )
    .filter(({ name }) => !ruled.has(name))
    .map(({ name }) => name);
  assert.deepEqual(missing.sort(), [
    "net.core.netdev_max_backlog",
    "net.ipv4.conf.*.rp_filter",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_migrate_req",
    "net.ipv4.tcp_rto_max_ms",
    "net.ipv4.tcp_tw_recycle",
  ]);
});

test("settings in words are advice: for what this kernel has and the programs that listen", () => {
  const what = planTune(machine({ "net.ipv4.tcp_rto_max_ms": "120000" }), ask("mobile")).advice.map(
    (a) => a.what,
  );
  assert.ok(what.includes("net.ipv4.tcp_rto_max_ms"));
  assert.ok(what.includes("kamailio tcp_accept_iplimit"));
  assert.ok(what.includes("TCP_USER_TIMEOUT"));
  assert.ok(!what.includes("nginx"));
});

test("addPorts() joins neighbours and keeps what was there", () => {
  assert.equal(addPorts("", []), "");
  assert.equal(addPorts("8080,9148", [9149, 5060]), "5060,8080,9148-9149");
  assert.equal(addPorts("100-200,8080", [150, 201]), "100-201,8080");
});

/** Any machine: each setting at its default, at what the account had, or at anything. */
const anyMachine = fc
  .record(
    Object.fromEntries(
      Object.entries({ ...DEFAULTS, ...CONNTRACK }).map(([name, value]) => [
        name,
        name.endsWith("reserved_ports")
          ? fc.constantFrom("", "15672", "10240-10250")
          : fc.oneof(
              fc.constant(value),
              fc
                .array(fc.integer({ min: 0, max: 2_000_000 }), {
                  minLength: value.split(" ").length,
                  maxLength: value.split(" ").length,
                })
                .map((numbers) => numbers.join(" ")),
            ),
      ]),
    ),
  )
  .map((live) => machine(live, { lines: ACCOUNT_LINES, listeningPorts: [22, 15_672, 20_000] }));

const anyRequest = fc.record({
  profile: fc.constantFrom(...TUNE_PROFILES),
  connections: fc.option(fc.integer({ min: 1, max: 3_000_000 })),
  perSecond: fc.option(fc.integer({ min: 1, max: 100_000 })),
  service: fc.constant(null),
});

test("whatever the machine: no plan holds a danger, each change changes something, and a second plan is empty", () => {
  fc.assert(
    fc.property(anyMachine, anyRequest, (facts, request) => {
      const { changes } = planTune(facts, request);
      assert.deepEqual(dangersOf(changes, facts, request.profile), []);
      for (const { live, wanted } of changes) assert.notEqual(live, wanted);
      const again = planTune(carriedOut(facts, changes), request);
      assert.deepEqual(wanted(again.changes), {});
    }),
    { numRuns: 500 },
  );
});

/** The doctor's verdict on a live value of this machine. */
const verdictOn = (facts: TuneFacts, what: string, profile: TuneProfile): string | undefined =>
  judgeHere({ what, value: facts.live.get(what)!, place: "live" }, facts, profile)?.verdict;

test("whatever the machine: no plan leaves alone a value that the doctor finds harmful", () => {
  fc.assert(
    fc.property(anyMachine, anyRequest, (facts, request) => {
      const { changes } = planTune(facts, request);
      const after = carriedOut(facts, changes);
      for (const goal of GOALS) {
        const want = goal.want({ ...request, connections: 0, perSecond: 0, facts });
        if (want === null || !after.live.has(goal.name)) continue;
        const verdict = verdictOn(after, goal.name, request.profile);
        const allowed = goal.stays === undefined ? ["keep"] : ["keep", "adjust"];
        assert.ok(verdict === undefined || allowed.includes(verdict), `${goal.name}: ${verdict}`);
      }
    }),
    { numRuns: 500 },
  );
});
