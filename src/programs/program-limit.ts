// The number of connections that a program allows itself. At that number it closes newcomers at once, and no counter of
// the kernel shows it.

import type { ConnectionLimit } from "../model/index.ts";
import { KNOWN_PROGRAMS } from "./known-programs.ts";
import { lastSetting, settingNumber } from "./look-up.ts";
import type { ProgramConfig } from "./program-config.ts";

/**
 * The limit and where it stands: `tcp_max_connections in /etc/kamailio/kamailio.cfg`, or `tcp_max_connections, by
 * default`. Pure. Null where the program sets no limit, or where its file may not be read or says no number.
 */
export function programLimit(config: ProgramConfig): ConnectionLimit | null {
  const limit = KNOWN_PROGRAMS[config.program]?.limit;
  if (limit === undefined || !config.readable) return null;
  const found = lastSetting(config, limit.setting);
  const connections = found === undefined ? limit.usual : settingNumber(config, limit.setting, 0);
  if (connections === null || connections <= 0) return null;
  const where = found === undefined ? ", by default" : ` in ${found.file}`;
  return { connections, where: limit.setting + where };
}
