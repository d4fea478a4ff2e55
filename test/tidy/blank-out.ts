// Blanks out comments and strings of TypeScript's text, so that a rule about code never trips over them. Lengths and
// line breaks stay: a place in the code is the same place in the text. Pure.

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const QUOTED = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y;
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
/** A template's own text, up to its end or to the next expression in it. */
const TEMPLATE_PART = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;
const PLAIN = /[\w$]+|\s+|[\s\S]/y;

/** A slash after such code opens a regular expression; after any other it divides. */
const BEFORE_REGEXP =
  /(?:^|[([{,;:=!&|?+\-*%<>~^}]|\b(?:return|typeof|case|of|in|do|else|await|yield|void))\s*$/;

/** The code alone: spaces stand for comments and for all between quotes, backticks and the slashes of a pattern. */
export function blankOut(text: string): string {
  const code: string[] = [];
  /** For each open template, how many braces are open in the expression inside it. */
  const open: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0] ?? null;
    if (taken !== null) at += taken.length;
    return taken;
  };
  const takeTemplatePart = (): void => {
    const part = take(TEMPLATE_PART) ?? take(/[\s\S]*/y)!;
    const isExpression = part.endsWith("${");
    if (isExpression) open.push(0);
    code.push(spaces(part.slice(0, isExpression ? -2 : -1)), isExpression ? "${" : "`");
  };

  while (at < text.length) {
    const comment = take(COMMENT);
    const quoted = comment === null ? take(QUOTED) : null;
    const pattern = comment === null && quoted === null && opensRegExp(text, at, code) ? take(REGEXP) : null;
    if (comment !== null) code.push(spaces(comment));
    else if (quoted !== null) code.push(quoted[0]!, spaces(quoted.slice(1, -1)), quoted[0]!);
    else if (pattern !== null) code.push("/", spaces(pattern.slice(1, -1)), "/");
    else {
      const plain = take(PLAIN)!;
      const depth = open.at(-1);
      code.push(plain);
      if (depth !== undefined && plain === "{") open[open.length - 1] = depth + 1;
      if (depth !== undefined && plain === "}" && depth > 0) open[open.length - 1] = depth - 1;
      if (depth === 0 && plain === "}") {
        open.pop();
        takeTemplatePart();
      }
      if (plain === "`") takeTemplatePart();
    }
  }
  return code.join("");
}

function opensRegExp(text: string, at: number, code: readonly string[]): boolean {
  return text[at] === "/" && BEFORE_REGEXP.test(code.slice(-8).join("").slice(-40));
}

function spaces(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
