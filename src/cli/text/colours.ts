// The colours of severities and of pressures, the same wherever one is shown.

import type { Pressure } from "../../model/index.ts";

export const SEVERITY_COLOURS = { notice: "cyan", warning: "yellow", critical: "red" } as const;

export const PRESSURE_COLOURS: Readonly<Record<Pressure, "green" | "yellow" | "red">> = {
  calm: "green",
  tight: "yellow",
  critical: "red",
};
