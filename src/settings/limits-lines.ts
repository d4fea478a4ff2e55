// The lines of limits.conf (limits.conf(5)): DOMAIN TYPE ITEM VALUE. Pure.

export interface LimitsLine {
  readonly file: string;
  readonly line: number;
  readonly domain: string;
  readonly type: "soft" | "hard" | "-";
  readonly item: string;
  /** Infinity for unlimited, infinity and -1. */
  readonly value: number;
  readonly text: string;
}

const LINE = /^(\S+)\s+(soft|hard|-)\s+(\w+)\s+(-?\d+|unlimited|infinity)$/;

export function parseLimitsLines(text: string, file: string): LimitsLine[] {
  return text.split("\n").flatMap((raw, i) => {
    const content = raw.replace(/#.*/, "").trim();
    const match = LINE.exec(content);
    if (match === null) return [];
    const [, domain, type, item, value] = match as unknown as [
      string,
      string,
      "soft" | "hard" | "-",
      string,
      string,
    ];
    return [{ file, line: i + 1, domain, type, item, value: limitValue(value), text: content }];
  });
}

function limitValue(text: string): number {
  const value = Number(text);
  return Number.isNaN(value) || value < 0 ? Number.POSITIVE_INFINITY : value;
}
