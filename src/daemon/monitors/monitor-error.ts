// The errors before monitors run. Errors while they run are results.

import { Refusal } from "../../model/index.ts";

export class MonitorError extends Refusal {
  readonly code: "bad-target";
  /** Name of the monitor. */
  readonly monitor: string;

  constructor(monitor: string, why: string) {
    super(`monitor ${monitor}: ${why}`);
    this.code = "bad-target";
    this.monitor = monitor;
  }
}
