// The daemon's clock, in milliseconds since the epoch. It starts from the wall clock and runs on monotonically, so that
// setting the wall clock neither ends bans nor makes them endless. Every thread has the same clock.

/** The offset to add to the monotonic clock. */
export function clockOffsetMs(): number {
  return Date.now() - monotonicMs();
}

export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
