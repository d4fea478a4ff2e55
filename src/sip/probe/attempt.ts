// One try of one address: a fresh connection, the request, the answer, and the connection closed again. It must be
// fresh: a server out of descriptors goes on serving those already connected.

import { outcomeOfCode } from "../expect.ts";
import type { Destination } from "../lookup/lookup.ts";
import { displayText } from "../message/text.ts";
import { type Outcome, type Phase, ProbeError } from "../outcome.ts";
import { stopwatchMs } from "../system.ts";
import type { Target } from "../target.ts";
import type { Channel } from "../transport/channel.ts";
import { openChannel } from "../transport/open.ts";
import { answerFacts } from "./answer-facts.ts";
import { withDeadline } from "./deadline.ts";
import { sendPing } from "./keep-alive.ts";
import { PhaseClock, type PhaseTimes } from "./phase-clock.ts";
import { questionOf, removalOf } from "./question.ts";
import { type Replied, RequestSeries } from "./request-series.ts";
import type { Attempt, ProbeOptions } from "./result.ts";

/** Tries one address. The result tells what the world refused; only a mistake of ours throws. */
export function tryDestination(
  target: Target,
  destination: Destination,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Attempt> {
  return withDeadline(options.deadlineMs, signal, (limited) =>
    attempt(target, destination, options, limited),
  );
}

async function attempt(
  target: Target,
  destination: Destination,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Attempt> {
  const clock = new PhaseClock("connect", stopwatchMs);
  let channel: Channel | null = null;
  try {
    channel = await openChannel(
      destination,
      { ...options, domain: target.host, wsPath: target.wsPath },
      (phase) => clock.enter(phase),
      signal,
    );
    clock.enter("response");
    if (options.method === "CRLF") return await ping(destination, options, channel, clock, signal);
    return await converse(target, destination, options, channel, clock, signal);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return failedAttempt(destination, error, clock, channel);
  } finally {
    channel?.close();
  }
}

async function ping(
  destination: Destination,
  options: ProbeOptions,
  channel: Channel,
  clock: PhaseClock,
  signal: AbortSignal,
): Promise<Attempt> {
  await sendPing(channel, signal);
  const ms = clock.stop();
  const outcome = (ms.total ?? 0) > options.lateAfterMs ? "late" : "answered";
  const nothing = { code: null, reason: null, retransmits: 0, strays: 0, answer: null, detail: "" };
  return { destination, phase: "response", outcome, ...nothing, ms, tls: channel.tls };
}

async function converse(
  target: Target,
  destination: Destination,
  options: ProbeOptions,
  channel: Channel,
  clock: PhaseClock,
  signal: AbortSignal,
): Promise<Attempt> {
  const timers = { ...options.timers, timeoutMs: Math.max(options.deadlineMs, options.timers.timeoutMs) };
  const requests = new RequestSeries(channel, options.credentials, { timers, signal, now: stopwatchMs });
  const replied = await requests.ask(questionOf(target, options, channel));
  const ms = clock.stop();
  const bindingRemoved = await removeBinding(requests, replied, target, options, channel);
  const { code, reason } = replied.response;
  return {
    destination,
    phase: "response",
    outcome: outcomeOf(replied, ms, options),
    detail: "",
    code,
    reason: displayText(reason),
    ms: ofTransport(ms, destination),
    retransmits: replied.retransmits,
    strays: replied.strays,
    answer: answerFacts(replied, bindingRemoved),
    tls: channel.tls,
  };
}

/** The code decides first. A good answer may still be late, or have needed a retransmission. */
function outcomeOf(replied: Replied, ms: PhaseTimes, options: ProbeOptions): Outcome {
  if (replied.refusal !== null) return replied.refusal;
  const outcome = outcomeOfCode(replied.response.code, options.expectation);
  if (outcome !== "answered") return outcome;
  if (replied.retransmits > 0) return "retransmitted";
  return (ms.total ?? 0) > options.lateAfterMs ? "late" : "answered";
}

/** Null where there is no binding to remove. A failed removal is told, and changes nothing else. */
async function removeBinding(
  requests: RequestSeries,
  replied: Replied,
  target: Target,
  options: ProbeOptions,
  channel: Channel,
): Promise<boolean | null> {
  const registered = options.method === "REGISTER" && replied.response.code < 300;
  if (!registered || options.keepBinding) return null;
  try {
    const { response } = await requests.ask(removalOf(target, options, channel));
    return response.code < 300;
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return false;
  }
}

function failedAttempt(
  destination: Destination,
  error: ProbeError,
  clock: PhaseClock,
  channel: Channel | null,
): Attempt {
  const phase: Phase = error.operation;
  return {
    destination,
    phase,
    outcome: error.code,
    detail: error.detail,
    code: httpCode(error),
    reason: null,
    ms: ofTransport(clock.stop(), destination),
    retransmits: error.retransmits,
    strays: 0,
    answer: null,
    tls: channel?.tls ?? null,
  };
}

/** A WebSocket handshake that is refused has a code, too. */
function httpCode({ code, detail }: ProbeError): number | null {
  const match = code === "ws-http" ? /^HTTP (\d{3})/.exec(detail) : null;
  return match === null ? null : Number(match[1]);
}

/** UDP connects nothing: the time to open the socket is ours, and no phase. */
function ofTransport(ms: PhaseTimes, { transport }: Destination): PhaseTimes {
  return transport === "udp" ? { ...ms, connect: null, total: (ms.total ?? 0) - (ms.connect ?? 0) } : ms;
}
