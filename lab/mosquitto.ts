// mosquitto in the victim namespace: a broker that lets everybody in.

import type { Namespace } from "./namespace.ts";
import { type RunningServer, startServer } from "./server-program.ts";

export interface MosquittoOptions {
  readonly port?: number;
  readonly descriptors?: number;
}

export function startMosquitto(
  namespace: Namespace,
  { port = 1883, descriptors }: MosquittoOptions = {},
): Promise<RunningServer> {
  return startServer(namespace, {
    name: "mosquitto",
    configuration: `listener ${port}\nallow_anonymous true\nlog_dest none\nuser root\n`,
    args: ({ configuration }) => ["-c", configuration],
    ports: [port],
    descriptors: descriptors === undefined ? null : { soft: descriptors, hard: descriptors },
  });
}
