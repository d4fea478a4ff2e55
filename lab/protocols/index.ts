// The protocols that honest clients speak, as a table.

import { mqtt } from "./mqtt.ts";
import { oneLine, type Protocol, type ProtocolName } from "./protocol.ts";
import { sip } from "./sip.ts";

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  echo: {
    join: () => oneLine("hello\n"),
    ping: () => oneLine("still here\n"),
    call: () => oneLine("hello\n"),
  },
  sip,
  mqtt,
};

export type { Conversation, Protocol, ProtocolName, Reply } from "./protocol.ts";
