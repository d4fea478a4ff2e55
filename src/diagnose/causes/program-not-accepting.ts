// program-not-accepting: connections stand in the accept queue while the program has descriptors to take them. It is
// stopped, blocked, or too slow; out of descriptors is another cause.

import { percent } from "../../model/index.ts";
import { type Claim, COMMAND_MARK } from "../finding.ts";
import type { Scene } from "../scene.ts";
import { countText, numberText } from "../words.ts";

const STOPPED = "T";
const CERTAINTY = { stopped: 0.98, overflowing: 0.93, standing: 0.88, slow: 0.6 } as const;
/** A program that does accept is slow when what waits takes it this long. */
const SLOW_SECONDS_MIN = 1;
/** Of one core: what distinguishes a busy program from a blocked one. */
const BUSY_CPU_SHARE = 0.5;

export function findProgramNotAccepting(scene: Scene): Claim | null {
  const { listener, owner, exhausted } = scene;
  const stopped = owner?.state === STOPPED;
  if ((!scene.queueStands || exhausted) && !(stopped && listener.backlog.used > 0)) return null;
  const { used, usedBefore, limit } = listener.backlog;
  const accepted = listener.connections - listener.backlog.used;
  const acceptedBefore = listener.connectionsBefore - usedBefore;
  const overflows = scene.rose("TcpExt.ListenOverflows");
  const slow = !stopped && accepted > acceptedBefore;
  const acceptedPerSecond = (accepted - acceptedBefore) / scene.seconds;
  if (slow && used < limit && used < SLOW_SECONDS_MIN * acceptedPerSecond) return null;
  const certainty = stopped
    ? CERTAINTY.stopped
    : slow
      ? CERTAINTY.slow
      : overflows > 0 || used >= limit
        ? CERTAINTY.overflowing
        : CERTAINTY.standing;
  const { abandoned } = listener.waiting;
  return {
    cause: "program-not-accepting",
    confidence: certainty,
    headline: `${countText(used, "connection")} wait to be accepted${stopped ? " by a process that is stopped" : ""}`,
    gist: "Not an attack, and no lack of descriptors: the program does not accept.",
    evidence: [
      `The accept queue of ${listener.name} stands at ${numberText(used)} of ${numberText(limit)} (${numberText(usedBefore)} when watching began).`,
      doing(scene, stopped, slow),
      ...(overflows > 0 ? [`${countText(overflows, "handshake")} more met a full queue while watched.`] : []),
      ...(abandoned > 0 ? [`${countText(abandoned, "client")} gave up waiting before it was accepted.`] : []),
    ],
    advice: stopped
      ? [
          `Process ${owner?.pid} is stopped (SIGSTOP, a debugger, or a frozen cgroup). To let it go on:`,
          `${COMMAND_MARK}kill -CONT ${owner?.pid}`,
        ]
      : [
          "Find out what it waits for: its log, its database and DNS lookups, and where its threads stand (gdb -p, /proc/PID/stack).",
          "More descriptors, a longer queue or a ban do not help: restart it if it does not recover.",
        ],
  };
}

function doing({ owner }: Scene, stopped: boolean, slow: boolean): string {
  if (owner === null) return "Its process may not be seen by this user.";
  const name = `${owner.name ?? "the process"} (pid ${owner.pid})`;
  const free =
    owner.descriptors === null || !Number.isFinite(owner.descriptors.soft)
      ? ""
      : `, with ${numberText(Math.max(0, owner.descriptors.soft - owner.descriptors.used))} descriptors free`;
  if (stopped) return `${name} is stopped${free}.`;
  if (slow) return `${name} accepts, but more slowly than clients come${free}.`;
  const cpu = owner.cpuShare;
  if (cpu === null) return `${name} accepts nothing${free}.`;
  return cpu >= BUSY_CPU_SHARE
    ? `${name} is busy (${percent(cpu)} of a core) and accepts nothing${free}.`
    : `${name} is blocked (${percent(cpu)} of a core) and accepts nothing${free}.`;
}
