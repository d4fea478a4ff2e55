// All settings, in the order in which people read them, and the parsed values of the files. Defaults that depend on
// nothing are filled in. settle.ts fills in those that depend on the user, the profile or other settings.

import type { z } from "zod";
import {
  type BanSettings,
  banSettings,
  type EnforceSettings,
  enforceSettings,
  type RetentionSettings,
  retentionSettings,
  type ScanSettings,
  type SourceSettings,
  scanSettings,
  sourceSettings,
} from "./schema-general.ts";
import { type ListenerSettings, listenerSettings } from "./schema-listeners.ts";
import {
  type AllowSettings,
  allowSettings,
  type HttpSettings,
  httpSettings,
  type MonitorSettings,
  modeSetting,
  monitorSettings,
  socketSetting,
  stateDirSetting,
} from "./schema-service.ts";
import { mapping } from "./setting.ts";

export interface FileValues {
  readonly mode: "observe" | "enforce";
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
  mode: modeSetting,
  stateDir: stateDirSetting,
  socket: socketSetting,
  http: httpSettings,
  sources: sourceSettings,
  listeners: listenerSettings,
  allow: allowSettings,
  ban: banSettings,
  enforce: enforceSettings,
  scan: scanSettings,
  retention: retentionSettings,
  monitors: monitorSettings,
});
