// Lines about the daemon for the person who started it: where it stands, and now and then how it goes.

import { configPlaces } from "../../config/index.ts";
import type { Core, Log } from "../../daemon/index.ts";
import { listenerText } from "./text.ts";

const AGAIN_MS = 60_000;
/** More listeners than these are counted, not named. */
const LISTED_MAX = 30;

export function narrate(core: Core, log: Log, { files }: { readonly files: readonly string[] }): void {
  const { config } = core;
  const from = files.length === 0 ? "without a configuration file" : `with ${files.join(", ")}`;
  log.info(
    `sockwarden ${core.version} ${core.enforces ? "guards" : "observes: nothing is changed"}, ${from}`,
  );
  const { uid, env } = { uid: process.getuid!(), env: process.env };
  const option = config.socket === configPlaces(uid, env).socket ? "" : ` --socket ${config.socket}`;
  log.info(`it answers on ${config.socket}: try \`sockwarden status${option}\``);
  const listeners = core.seen.listeners();
  if (listeners.length === 0) log.info("no listener is here yet");
  for (const listener of listeners.slice(0, LISTED_MAX)) log.info(`watching ${listenerText(listener)}`);
  if (listeners.length > LISTED_MAX) log.info(`and ${listeners.length - LISTED_MAX} listeners more`);
  let before = "";
  const timer = setInterval(() => {
    const now = core.seen.listeners().filter(({ connections }) => connections > 0);
    const text = now.slice(0, LISTED_MAX).map(listenerText).join("; ");
    if (text !== before && text !== "") log.info(text);
    before = text;
  }, AGAIN_MS);
  timer.unref();
}
