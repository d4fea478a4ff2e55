// Text of other programs. It must neither command the terminal nor move its neighbours.

/** Other programs' text. Characters that do not take exactly one column, or command the terminal, are replaced. */
export function singleWidth(text: string, unicode: boolean): string {
  const foreign = unicode
    ? /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0384-\u0482\u048a-\u052f]/gu
    : /[^\x20-\x7e]/gu;
  return text.replace(foreign, "?");
}

/** For text that may go to a file as well: it keeps all that any locale of today can show. */
export function printable(text: string): string {
  return singleWidth(text, true);
}
