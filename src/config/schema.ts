// All settings, in the order in which people read them, and the values that the files then have: parsed, and with every
// default that depends on nothing filled in. What depends on the user, the profile or other settings is filled in by settle.ts.

import type { z } from "zod";
import {
  type BanSettings,
  ban,
  type EnforceSettings,
  enforce,
  type RetentionSettings,
  retention,
  type ScanSettings,
  type SourceSettings,
  scan,
  sources,
} from "./schema-guard.ts";
import { type ListenerSettings, listeners } from "./schema-listeners.ts";
import {
  type AllowSettings,
  allow,
  type HttpSettings,
  http,
  type Mode,
  type MonitorSettings,
  mode,
  monitors,
  socket,
  stateDir,
} from "./schema-service.ts";
import { mapping } from "./setting.ts";

export interface FileValues {
  readonly mode: Mode;
  readonly stateDir?: string | undefined;
  readonly socket?: string | undefined;
  readonly http?: HttpSettings | undefined;
  readonly sources: SourceSettings;
  readonly listeners?: readonly ListenerSettings[] | undefined;
  readonly allow?: readonly AllowSettings[] | undefined;
  readonly ban: BanSettings;
  readonly enforce: EnforceSettings;
  readonly scan: ScanSettings;
  readonly retention: RetentionSettings;
  readonly monitors?: readonly MonitorSettings[] | undefined;
}

export const configSchema: z.ZodType<FileValues> = mapping<FileValues>({
  mode,
  stateDir,
  socket,
  http,
  sources,
  listeners,
  allow,
  ban,
  enforce,
  scan,
  retention,
  monitors,
});
