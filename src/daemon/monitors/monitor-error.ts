// What can go wrong before monitors run. What goes wrong while they do is their result.

export class MonitorError extends Error {
  readonly code: "bad-target";
  /** Name of the monitor. */
  readonly monitor: string;

  constructor(monitor: string, why: string) {
    super(`monitor ${monitor}: ${why}`);
    this.name = "MonitorError";
    this.code = "bad-target";
    this.monitor = monitor;
  }
}
