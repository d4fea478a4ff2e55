// What can go wrong before monitors run. What goes wrong while they do is their result.

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
