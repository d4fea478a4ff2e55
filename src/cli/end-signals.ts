// The signals that ask a program to end.

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls `end` at each of them, until it is disposed of. */
export function onEndSignals(end: () => void): Disposable {
  for (const signal of END_SIGNALS) process.on(signal, end);
  return {
    [Symbol.dispose]: () => {
      for (const signal of END_SIGNALS) process.off(signal, end);
    },
  };
}
