// Processor time of the calling thread: the cost of work, however busy the machine is otherwise.

/** Milliseconds of user and system time so far. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
