// Reads a file of TypeScript as the rules of the house need it: its imports, exports and declarations, and the names in
// it. It goes by the text, which the formatter keeps in one form: a line without indent is of the file's own level.
// Pure.

import path from "node:path";
import { blankOut } from "./blank-out.ts";

export interface Import {
  /** As written: `./tally.ts`, `node:fs`, `zod`. */
  readonly name: string;
  /** The file of ours that it means, from the project's root; null for a package. */
  readonly file: string | null;
  /** The names taken, as the other file has them; `*` stands for all. */
  readonly taken: readonly string[];
  /** Whether only types are taken: then nothing of the import is left at run time. */
  readonly typesOnly: boolean;
  /** Whether it waits until the code comes to it: `await import(...)`. */
  readonly waits: boolean;
}

export interface Source {
  /** From the project's root. */
  readonly file: string;
  readonly text: string;
  /** The text without comments and the insides of strings; as long as the text. */
  readonly code: string;
  readonly imports: readonly Import[];
  /** The names that others may import from it; `from` is the file of ours that a name comes from, if another. */
  readonly exports: readonly { readonly name: string; readonly from: string | null }[];
  /** The names that it declares on its own level. */
  readonly declared: readonly { readonly name: string; readonly exported: boolean }[];
}

export function readSource(file: string, text: string): Source {
  const code = blankOut(text);
  const clauses = fromClauses(file, text, code);
  const declared = declarations(code);
  const passedOn = clauses.filter(({ word }) => word === "export");
  return {
    file,
    text,
    code,
    imports: [
      ...clauses.map(importOf),
      ...bareImports(file, text, code),
      ...dynamicImports(file, text, code),
    ],
    exports: [
      ...declared.filter(({ exported }) => exported).map(({ name }) => ({ name, from: null })),
      ...passedOn.flatMap(({ file: from, names }) => names.map(({ here }) => ({ name: here, from }))),
      ...localExports(code).map((name) => ({ name, from: null })),
    ],
    declared,
  };
}

interface Clause {
  readonly word: "import" | "export";
  readonly typesOnly: boolean;
  readonly names: readonly ListedName[];
  readonly name: string;
  readonly file: string | null;
}

/** A name of a list in braces: `type there as here`. */
interface ListedName {
  readonly there: string;
  readonly here: string;
  readonly isType: boolean;
}

/** `import ... from "x"` and `export ... from "x"`. */
function fromClauses(file: string, text: string, code: string): Clause[] {
  return [...code.matchAll(/^(import|export)( type)?\s+([^;"'=()]*?)\s*from "/gm)].map((match) => {
    const [whole, word, type, what] = match;
    const names = namesOf(what!);
    const name = stringAt(text, match.index + whole.length);
    return {
      word: word as Clause["word"],
      typesOnly: type !== undefined,
      names,
      name,
      file: ownFile(file, name),
    };
  });
}

function importOf({ name, file, names, typesOnly }: Clause): Import {
  return { name, file, taken: names.map(({ there }) => there), typesOnly, waits: false };
}

/** `import "x"`: for the effects of loading the file. */
function bareImports(file: string, text: string, code: string): Import[] {
  return [...code.matchAll(/^import "/gm)].map(({ index, 0: whole }) => {
    const name = stringAt(text, index + whole.length);
    return { name, file: ownFile(file, name), taken: [], typesOnly: false, waits: false };
  });
}

/** `import("x")`: the names taken out of it at once, or all. */
function dynamicImports(file: string, text: string, code: string): Import[] {
  const pattern = /(?:const \{([^}]*)\} = await )?(typeof )?\bimport\(\s*"/g;
  return [...code.matchAll(pattern)].map((match) => {
    const [whole, list, asType] = match;
    const name = stringAt(text, match.index + whole.length);
    const taken = list === undefined ? ["*"] : list.split(",").map((part) => part.split(":")[0]!.trim());
    return {
      name,
      file: ownFile(file, name),
      taken: taken.filter((each) => each !== ""),
      typesOnly: asType !== undefined,
      waits: true,
    };
  });
}

/** The names between `import` and `from`: a list in braces, `* as all`, a default. */
function namesOf(what: string): ListedName[] {
  const list = /\{([^}]*)\}/.exec(what)?.[1] ?? "";
  const listed = list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const [there, here = there] = part.replace(/^type /, "").split(" as ");
      return { there: there!, here: here!, isType: part.startsWith("type ") };
    });
  const rest = what
    .replace(/\{[^}]*\}/, "")
    .replace(/[,\s]+$/, "")
    .trim();
  if (rest === "") return listed;
  const there = rest.startsWith("*") ? "*" : "default";
  return [{ there, here: rest.replace(/^\* as /, ""), isType: false }, ...listed];
}

const DECLARATION =
  /^(export )?(?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|let) ([A-Za-z_$][\w$]*)/gm;

function declarations(code: string): { name: string; exported: boolean }[] {
  return [...code.matchAll(DECLARATION)].map(([, exported, name]) => ({
    name: name!,
    exported: exported !== undefined,
  }));
}

/** `export { a, b as c };`: names declared elsewhere in the file. */
function localExports(code: string): string[] {
  return [...code.matchAll(/^export (?:type )?\{([^}]*)\};/gm)].flatMap(([, list]) =>
    namesOf(`{${list}}`).map(({ here }) => here),
  );
}

function stringAt(text: string, start: number): string {
  return text.slice(start, text.indexOf('"', start));
}

function ownFile(from: string, name: string): string | null {
  return name.startsWith(".") ? path.join(path.dirname(from), name) : null;
}
