// The protocols that honest clients speak, as a table.

import { mqttProtocol } from "./mqtt.ts";
import { oneLineDialogue, type Protocol, type ProtocolName } from "./protocol.ts";
import { sipProtocol } from "./sip.ts";

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  echo: {
    join: () => oneLineDialogue("hello\n"),
    ping: () => oneLineDialogue("still here\n"),
    call: () => oneLineDialogue("hello\n"),
  },
  sip: sipProtocol,
  mqtt: mqttProtocol,
};

export type { Dialogue, Protocol, ProtocolName, Reply } from "./protocol.ts";
