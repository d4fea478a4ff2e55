// Numbers as words in a sentence for people.

/** A limit as a number, or in words if there is none. */
export function plain(value: number): string {
  return Number.isFinite(value) ? String(value) : "no limit";
}

/** A part of a whole: `69 %`. A part above nothing is never written as 0 %. */
export function percent(part: number, whole = 1): string {
  const percents = whole > 0 ? (100 * part) / whole : 0;
  return percents > 0 && percents < 1 ? "under 1 %" : `${Math.floor(percents)} %`;
}

/** Bytes in the largest unit that they fill: `512 B`, `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Seconds as people say them: `12.6 s`, `13 min`, `2 h 11 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 180) return `${Math.round(seconds * 10) / 10} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours >= 48
    ? `${Math.round(hours / 24)} days`
    : rest === 0
      ? `${hours} h`
      : `${hours} h ${rest} min`;
}

/** `1 line`, `2 lines`, `2 entries`. */
export function count(n: number, noun: string, plural: string = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}
