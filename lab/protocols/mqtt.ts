// MQTT 3.1.1 as a quiet subscriber speaks it: CONNECT, SUBSCRIBE, PINGREQ. Packets as Latin-1.

import { MQTT_CONNECT, MQTT_PING, MQTT_SUBSCRIBE } from "./mqtt-packets.ts";
import { type Dialogue, DONE, type Protocol, REFUSED, type Reply, WAIT } from "./protocol.ts";

const CONNECTED = "\x20\x02\x00\x00";
const SUBSCRIBED = "\x90\x03\x00\x01\x00";
const PONG = "\xd0\x00";
const DISCONNECT = "\xe0\x00";

export const mqttProtocol: Protocol = {
  join: () =>
    steps([
      [MQTT_CONNECT, CONNECTED],
      [MQTT_SUBSCRIBE, SUBSCRIBED],
    ]),
  ping: () => steps([[MQTT_PING, PONG]]),
  call: () => steps([[MQTT_CONNECT, CONNECTED]], DISCONNECT),
};

/** A dialogue of packets sent one after the other, each with the answer that it waits for. */
function steps(pairs: readonly (readonly [string, string])[], farewell?: string): Dialogue {
  let heard = "";
  let step = 0;
  const done: Reply = farewell === undefined ? DONE : { kind: "done", farewell };
  return {
    opening: pairs[0]![0],
    hear(piece) {
      heard += piece;
      const expected = pairs[step]![1];
      if (heard.length < expected.length) return expected.startsWith(heard) ? WAIT : REFUSED;
      if (!heard.startsWith(expected)) return REFUSED;
      heard = heard.slice(expected.length);
      step++;
      return step === pairs.length ? done : { kind: "say", text: pairs[step]![0] };
    },
  };
}
