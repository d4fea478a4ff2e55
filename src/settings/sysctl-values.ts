// The values of sysctls as text and as numbers. Pure.

/** A look-up of sysctls by dotted key: live ones, or those of a file. */
export type SysctlLookup = (key: string) => string | undefined;

/** The look-up in values that were read. */
export function lookupIn(values: ReadonlyMap<string, string>): SysctlLookup {
  return (key) => values.get(key);
}

/** With one blank between its parts: the kernel's files have tabs. */
export function normalValue(value: string): string {
  return value.trim().replace(/\s+/g, " ");
}

/** A value's numbers; none where it is absent or anything else. */
export function numbersOf(text: string | undefined): number[] {
  if (text === undefined || !/^-?\d+(\s+-?\d+)*$/.test(text.trim())) return [];
  return text.trim().split(/\s+/).map(Number);
}

/** The first number, or `usual` where there is none. */
export function numberOf(lookup: SysctlLookup, key: string, usual: number): number {
  return numbersOf(lookup(key))[0] ?? usual;
}

/** The same look-up with one value replaced. */
export function withValue(lookup: SysctlLookup, key: string, value: number): SysctlLookup {
  return (wanted) => (wanted === key ? String(value) : lookup(wanted));
}
