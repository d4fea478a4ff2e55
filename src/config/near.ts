// Guesses the word that was meant.

/** The nearest of the names, where one is near: a slip or two, or another way of writing it (silent_for, silentfor). */
export function nearest(word: string, names: readonly string[]): string | null {
  if (word.length > 60) return null;
  const plain = normal(word);
  const far = Math.max(1, Math.floor(plain.length / 3));
  const ranked = names
    .map((name) => ({ name, distance: editDistance(plain, normal(name)) }))
    .filter(({ distance }) => distance <= far)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name ?? null;
}

function normal(word: string): string {
  return word.toLowerCase().replace(/[_\s-]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(before[j]! + 1, row[j - 1]! + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, older[j - 2]! + 1);
    }
    older = before;
    before = row;
  }
  return before[b.length]!;
}
