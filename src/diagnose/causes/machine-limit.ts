// machine-limit: what the whole machine may hold is used up: open files, tracked connections, memory for TCP.

import type { Use } from "../../linux/index.ts";
import { percent } from "../../model/index.ts";
import { type Claim, clamp } from "../finding.ts";
import type { KernelObservation } from "../observation.ts";
import { numberText } from "../words.ts";

const NEAR = 0.85;
const FULL = 0.97;
const NEAR_CERTAINTY = 0.6;
const FULL_CERTAINTY = 0.97;

interface MachineLimit {
  readonly what: string;
  readonly use: Use | null;
  /** The kernel says itself that it refused. */
  readonly refused: number;
  readonly refusal: string;
  readonly advice: string;
}

export function findMachineLimit(kernel: KernelObservation): Claim | null {
  const rose = (name: string): number => Math.max(0, kernel.rose.get(name) ?? 0);
  const limits: readonly MachineLimit[] = [
    {
      what: "open files (fs.file-max)",
      use: kernel.openFiles,
      refused: 0,
      refusal: "",
      advice:
        "Remove every line that sets fs.file-max: the kernel's own default follows the memory. Until then, sysctl -w fs.file-max with ten times the present use.",
    },
    {
      what: "tracked connections (nf_conntrack_max)",
      use: kernel.conntrack,
      refused: 0,
      refusal: "",
      advice:
        "Raise net.netfilter.nf_conntrack_max and the hash size (a quarter of it), or let the guarded ports go untracked (nft notrack). Packets of new connections are dropped meanwhile.",
    },
    {
      what: "pages of TCP memory (net.ipv4.tcp_mem)",
      use: kernel.tcpMemory,
      refused: rose("TcpExt.TCPAbortOnMemory"),
      refusal: "connections aborted for lack of memory",
      advice:
        "Find who does not read (ss -tm, large Recv-Q and Send-Q), and lower the largest buffer sizes in tcp_rmem and tcp_wmem rather than raise tcp_mem.",
    },
  ];
  const worst = limits
    .map((limit) => ({
      ...limit,
      share: limit.use === null ? 0 : limit.use.used / Math.max(1, limit.use.limit),
    }))
    .reduce((most, next) => (severityOf(next) > severityOf(most) ? next : most));
  if (severityOf(worst) === 0) return null;
  const use = worst.use ?? { used: 0, limit: 0 };
  return {
    cause: "machine-limit",
    confidence: severityOf(worst),
    headline: `${numberText(use.used)} of ${numberText(use.limit)} ${worst.what} are in use on this machine`,
    gist: "Not one service's limit: the machine's.",
    evidence: [
      `${numberText(use.used)} of ${numberText(use.limit)} ${worst.what} are in use (${percent(Math.min(1, worst.share))}); the limit is shared by every process.`,
      ...(worst.refused > 0 ? [`${numberText(worst.refused)} ${worst.refusal} while watched.`] : []),
    ],
    advice: [worst.advice],
  };
}

/** How sure it is that this limit refuses somebody; 0 for far from it. */
function severityOf({ share, refused }: { readonly share: number; readonly refused: number }): number {
  if (refused > 0) return FULL_CERTAINTY;
  if (!(share >= NEAR)) return 0;
  return NEAR_CERTAINTY + (FULL_CERTAINTY - NEAR_CERTAINTY) * clamp((share - NEAR) / (FULL - NEAR));
}
