// The daemon's clock: milliseconds since the epoch as the wall clock had them when the daemon started, and from then on
// monotonic, so that a clock that is set forward or back while it runs neither ends bans nor makes them endless. The same
// in every thread.

/** What to add to the monotonic clock. */
export function clockOffsetMs(): number {
  return Date.now() - monotonicMs();
}

export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
