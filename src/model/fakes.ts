// Values of the model that tests start from.

/** A count of 0 for each name, as for every conduct or every proof. */
export function noCounts<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
