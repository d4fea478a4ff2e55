// Numbers and lists as the doctor's texts have them.

/** A number that may be no limit at all. */
export function plain(value: number): string {
  return Number.isFinite(value) ? String(value) : "no limit";
}

export function percent(part: number, whole: number): string {
  return whole > 0 && Number.isFinite(whole) ? `${Math.floor((100 * part) / whole)} %` : "0 %";
}

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

/** `1 line`, `2 lines`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
