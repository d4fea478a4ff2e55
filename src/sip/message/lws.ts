// LWS is space and tab only. JavaScript's trim() and \s also take 0xA0, which in a byte string is half of an "à".

export function trimLws(text: string): string {
  return trimEndLws(trimStartLws(text));
}

export function trimStartLws(text: string): string {
  let start = 0;
  while (isLws(text[start])) start++;
  return text.slice(start);
}

/** A loop, since /[ \t]+$/ takes quadratic time on long runs of blanks that do not end the text. */
export function trimEndLws(text: string): string {
  let end = text.length;
  while (end > 0 && isLws(text[end - 1])) end--;
  return text.slice(0, end);
}

function isLws(char: string | undefined): boolean {
  return char === " " || char === "\t";
}
