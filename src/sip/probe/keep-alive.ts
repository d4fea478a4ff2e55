// The CRLF keep-alive of RFC 5626 section 4.4.1: CRLFCRLF goes out, CRLF comes back. It proves that the program accepts
// and reads connections, and nothing about its routing: Kamailio answers it before any script runs.

import { ProbeError } from "../outcome.ts";
import type { Channel, ChannelEvent } from "../transport/channel.ts";
import { isClientCertificateDemand } from "../transport/tls.ts";
import {
  closedVerdict,
  garbageVerdict,
  NOTHING_HEARD,
  type ProbeVerdict,
  silenceVerdict,
} from "./verdict.ts";

const PING = Uint8Array.of(13, 10, 13, 10);

/** Sends a ping and waits for its pong. Throws `ProbeError` of the phase `response`. */
export function sendPing(channel: Channel, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      signal.removeEventListener("abort", onAbort);
      channel.listen(() => {});
      end();
    };
    const fail = ({ outcome, detail }: ProbeVerdict) =>
      settle(() => reject(new ProbeError(outcome, "response", detail)));
    const onAbort = () => fail(silenceVerdict(NOTHING_HEARD, channel.pendingBytes));
    const onEvent = (event: ChannelEvent) => {
      if (event.kind === "pong") settle(resolve);
      else if (event.kind === "garbage") fail(garbageVerdict(event));
      else if (event.kind === "closed") fail(closedVerdict(event, NOTHING_HEARD, isClientCertificateDemand));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    // On UDP the keep-alive is another protocol, STUN.
    if (channel.resends)
      fail({ outcome: "local-error", detail: "CRLF keep-alive needs a connection, not UDP" });
    else if (signal.aborted) onAbort();
    else {
      channel.send(PING);
      channel.listen(onEvent);
    }
  });
}
