// The made-up pieces: one for each recipe of docs/architecture.md, laid in as somebody would who follows it.

import type { Edit, Recipe } from "./recipe.ts";

/** Lines that come behind an existing one. */
function behind(file: string, line: string, lines: string): Edit {
  return { file, line, becomes: `${line}\n${lines}` };
}

const RULE: Recipe = {
  title: "A new rule of the judge",
  edits: [
    {
      file: "src/judge/rules/made-up.ts",
      text: `// made-up: tells of a million connections.

import type { RuleName } from "../../model/index.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "made-up";

export function madeUp(round: Round): void {
  for (const { name, used } of round.view.listeners) {
    if (used < 1_000_000) continue;
    const text = \`\${name} has \${used} connections\`;
    round.tell({ rule: RULE, severity: "notice", listener: name, source: null, text, numbers: { used } });
  }
}
`,
    },
    behind("src/model/rule-name.ts", '  "proxied",', '  "made-up",'),
    behind(
      "src/judge/step.ts",
      'import { leaked } from "./rules/leaked.ts";',
      'import { madeUp } from "./rules/made-up.ts";',
    ),
    behind("src/judge/step.ts", "  proxied(round);", "  madeUp(round);"),
  ],
};

const BACKEND: Recipe = {
  title: "A new enforcement backend",
  edits: [
    {
      file: "src/enforce/made-up.ts",
      text: `// The backend that holds bans in memory, as observe does, under a name of its own.

import type { BackendEntry } from "./backend.ts";
import { openObserve } from "./observe.ts";

export const MADE_UP: BackendEntry = { open: () => openObserve(), takes: "CAP_NET_ADMIN", selfTest: null };
`,
    },
    behind(
      "src/model/backend.ts",
      '  "set-only": "fills sets for rules of your own",',
      '  "made-up": "in memory alone",',
    ),
    behind(
      "src/enforce/backends.ts",
      'import { IPSET } from "./ipset.ts";',
      'import { MADE_UP } from "./made-up.ts";',
    ),
    behind("src/enforce/backends.ts", '  "set-only": SET_ONLY,', '  "made-up": MADE_UP,'),
    behind(
      "test/integration/enforce-others.test.ts",
      'describeBackend(traitOf("observe"));',
      'describeBackend(traitOf("made-up"));',
    ),
  ],
};

const PROFILE: Recipe = {
  title: "A new profile",
  edits: [
    {
      file: "src/model/profile.ts",
      line: 'export const PROFILE_NAMES = ["sip", "mqtt", "xmpp", "imap", "websocket", "generic"] as const;',
      becomes:
        'export const PROFILE_NAMES = ["sip", "mqtt", "xmpp", "imap", "websocket", "made-up", "generic"] as const;',
    },
    {
      file: "src/model/profile.ts",
      line: '  generic: profile("generic", {',
      becomes: `  "made-up": profile("made-up", { normalSilenceMs: 40 * SECOND, silentForMs: 20 * SECOND }),
  generic: profile("generic", {`,
    },
    {
      file: "docs/configuration.md",
      line: "| generic | all others | none | - | - | the server may do all the talking |",
      becomes: `| made-up | never guessed | 40 s | - | - | the client asks, the server answers |
| generic | all others | none | - | - | the server may do all the talking |`,
    },
  ],
};

const VERB: Recipe = {
  title: "A new verb that asks the daemon",
  edits: [
    {
      file: "src/cli/made-up/command.ts",
      text: `// sockwarden made-up: how many bans the daemon keeps.

import type { Command } from "commander";
import { addDaemonOptions, DAEMON_HELP, type DaemonArguments } from "../daemon-verbs/options.ts";

const EXAMPLES = \`
Examples:
  sockwarden made-up
\${DAEMON_HELP}\`;

export function registerMadeUp(program: Command): void {
  const command = program
    .command("made-up")
    .summary("how many bans the daemon keeps")
    .description("Tells how many bans the daemon keeps.");
  addDaemonOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (given: DaemonArguments) => {
      const { runMadeUp } = await import("./run.ts");
      await runMadeUp(given);
    });
}
`,
    },
    {
      file: "src/cli/made-up/run.ts",
      text: `// Runs \`sockwarden made-up\` once its arguments are read: asks, and shows.

import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { showDocument } from "../daemon-verbs/show.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";

export function runMadeUp(given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.read("made-up");
    showDocument(given, document, () => \`The daemon keeps \${document.bans} bans.\`);
  });
}
`,
    },
    behind(
      "src/cli/main.ts",
      'import { registerExplain } from "./explain/command.ts";',
      'import { registerMadeUp } from "./made-up/command.ts";',
    ),
    behind("src/cli/main.ts", "  registerReload,", "  registerMadeUp,"),
    behind(
      "src/api/contract.ts",
      "  readonly allowlist: AllowlistDocument;",
      '  readonly "made-up": { readonly schema: 1; readonly bans: number };',
    ),
    behind(
      "src/api/documents.ts",
      '  bans: { summary: "What is banned and capped", answer: "Every ban in force", document: BansSchema },',
      `  "made-up": {
    summary: "How many bans are kept",
    answer: "Their number",
    document: z.object({ schema, bans: natural }).openapi("MadeUp"),
  },`,
    ),
    {
      file: "src/daemon/service/service.ts",
      line: "  allowlist(): Promise<AllowlistDocument> {",
      becomes: `  "made-up"(): { readonly schema: 1; readonly bans: number } {
    return { schema: 1, bans: this.#core.seen.totals().bans };
  }

  allowlist(): Promise<AllowlistDocument> {`,
    },
    {
      file: "src/api/testing/service.ts",
      line: "    allowlist() {",
      becomes: `    "made-up"() {
      return { schema: 1, bans: banned.size };
    },
    allowlist() {`,
    },
    behind("src/api/app.test.ts", '    "get /v1/explain/{source}",', '    "get /v1/made-up",'),
    behind(
      "docs/api.md",
      "| `GET /v1/bans`                                   | every ban and cap in force: since, until, why, evicted, packets refused               |",
      "| `GET /v1/made-up`                                | how many bans are kept                                                                |",
    ),
    behind("test/tidy/verbs.ts", "    evict: [],", '    "made-up": [],'),
  ],
};

const KEY: Recipe = {
  title: "A new configuration key",
  edits: [
    behind("src/config/schema-general.ts", "export interface ScanSettings {", "  readonly madeUpMs: number;"),
    {
      file: "src/config/schema-general.ts",
      line: "    cpuBudget: setting(percentage(), {",
      becomes: `    madeUp: setting(duration({ min: SECOND, max: MINUTE }), {
      meaning: "How long nothing is done.",
      fallback: "7s",
      reload: "live",
      example: "3s",
    }),
    cpuBudget: setting(percentage(), {`,
    },
    {
      file: "src/config/doubts.ts",
      line: "  if (retention.ledgerMs < ban.maxMs)",
      becomes: `  if (config.scan.madeUpMs > config.scan.everyMs) doubts.push("scan.madeUp: is longer than scan.every");
  if (retention.ledgerMs < ban.maxMs)`,
    },
  ],
};

const CHECK: Recipe = {
  title: "A new check of the doctor",
  edits: [
    {
      file: "src/doctor/checks/made-up.ts",
      text: `// Keepalive probes without number.

import { type DoctorCheck, failed, ok } from "../check.ts";

const PROBES: DoctorCheck = {
  id: "made-up",
  severity: "notice",
  about: "more keepalive probes than anybody sends",
  reads: "/proc/sys/net/ipv4/tcp_keepalive_probes",
  judge: (facts) => {
    const probes = Number(facts.sysctls.get("net.ipv4.tcp_keepalive_probes"));
    const read = [\`tcp_keepalive_probes: \${probes}\`];
    return probes < 77 ? ok("few keepalive probes", read) : failed({ text: \`\${probes} probes\`, read });
  },
  advice: "Send fewer of them.",
  source: "test/recipes/made-up.ts",
};

export const MADE_UP_CHECKS: readonly DoctorCheck[] = [PROBES];
`,
    },
    behind(
      "src/doctor/checks.ts",
      'import { HOST_CHECKS } from "./checks/host.ts";',
      'import { MADE_UP_CHECKS } from "./checks/made-up.ts";',
    ),
    behind("src/doctor/checks.ts", "  ...HOST_CHECKS,", "  ...MADE_UP_CHECKS,"),
    behind(
      "src/doctor/checks.test.ts",
      "const FAILING: Readonly<Record<string, Failing | readonly Failing[]>> = {",
      '  "made-up": { files: sysctls({ "net.ipv4.tcp_keepalive_probes": "77" }), says: /77 probes/ },',
    ),
  ],
};

const METRIC: Recipe = {
  title: "A new metric",
  edits: [
    behind(
      "src/daemon/metrics.ts",
      '  readonly #bans = this.#gauge("bans", "Bans and caps in force", ["kind"]);',
      '  readonly #madeUp = this.#gauge("made_up", "Listeners of the last scan", []);',
    ),
    behind(
      "src/daemon/metrics.ts",
      "    if (scanned === null) return;",
      "    this.#madeUp.set(scanned.listeners.length);",
    ),
  ],
};

export const RECIPES: readonly Recipe[] = [RULE, BACKEND, PROFILE, VERB, KEY, CHECK, METRIC];
