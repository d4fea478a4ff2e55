// All settings, in the order in which people read them.

import { z } from "zod";
import { ban, enforce, retention, scan, sources } from "./schema-guard.ts";
import { listeners } from "./schema-listeners.ts";
import { allow, http, mode, monitors, socket, stateDir } from "./schema-service.ts";
import type { FileValues } from "./values.ts";

const schema = z.strictObject({
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

export const configSchema: z.ZodType<FileValues> = schema;
