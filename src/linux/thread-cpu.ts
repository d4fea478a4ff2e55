// Processor time of the calling thread: what work costs, however busy the machine is with other things.

/** Milliseconds of user and system time so far. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
