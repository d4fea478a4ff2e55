// The colours of severities and of pressure, the same wherever one is shown.

import type { Pressure, Severity } from "../../model/index.ts";

export const SEVERITY_COLOURS: Readonly<Record<Severity, "cyan" | "yellow" | "red">> = {
  notice: "cyan",
  warning: "yellow",
  critical: "red",
};

export const PRESSURE_COLOURS: Readonly<Record<Pressure, "green" | "yellow" | "red">> = {
  calm: "green",
  tight: "yellow",
  critical: "red",
};

/** For a number that is painted only where it is a sign of trouble. */
export function troubleColour(pressure: Pressure): "red" | "yellow" | undefined {
  return pressure === "critical" ? "red" : pressure === "tight" ? "yellow" : undefined;
}
