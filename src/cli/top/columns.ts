// Tables that fit: a column has forms from wide to narrow, and where the table is too wide the form worth least gives way
// to the next, or the column goes. Pure.

import { type ScreenLine, type Span, shorten, styled } from "../terminal/line.ts";

export interface Form {
  readonly title: string;
  /** One a row. */
  readonly cells: readonly Span[];
  /** The form worth least is the first to give way; Infinity for one that never does. */
  readonly worth: number;
}

export interface FlexibleColumn {
  readonly align: "left" | "right";
  /** Characters at least, so that the table keeps its shape while numbers change. */
  readonly least?: number;
  /** From wide to narrow. */
  readonly forms: readonly Form[];
  readonly sorted?: boolean;
  /** Takes the room that is left, and is cut to it; counts as `least` until then. For the last column. */
  readonly elastic?: boolean;
  /** Ends a cell that was cut. */
  readonly cutMark?: string;
}

const GAP = "  ";

/** The title and the rows. */
export function fitTable(columns: readonly FlexibleColumn[], width: number): ScreenLine[] {
  const fitted = fit(columns, width);
  const rows = Math.max(0, ...fitted.map(({ form }) => form.cells.length));
  const title = fitted.map(({ form, sorted }) => styled(form.title, sorted ? ["bold", "underline"] : "bold"));
  const body = Array.from({ length: rows }, (_, row) =>
    fitted.map(({ form }) => form.cells[row] ?? styled("")),
  );
  return [title, ...body].map((cells) => joinCells(cells, fitted));
}

interface Fitted {
  readonly column: FlexibleColumn;
  readonly form: Form;
  readonly width: number;
  readonly sorted: boolean;
}

function fit(columns: readonly FlexibleColumn[], width: number): Fitted[] {
  const steps = columns.map((column) => ({ column, at: 0 }));
  const shown = (): typeof steps => steps.filter(({ column, at }) => at < column.forms.length);
  const wide = (): number =>
    shown().reduce(
      (sum, { column, at }) => sum + leastWidth(column, column.forms[at]!) + GAP.length,
      -GAP.length,
    );
  while (wide() > width) {
    const least = shown().reduce((best, next) => (worth(next) < worth(best) ? next : best));
    if (worth(least) === Number.POSITIVE_INFINITY) break;
    least.at++;
  }
  const room = Math.max(0, width - wide());
  return shown().map(({ column, at }) => {
    const form = column.forms[at]!;
    const own = leastWidth(column, form);
    const most = column.elastic ? Math.min(own + room, formWidth(form)) : own;
    return { column, form, width: Math.max(own, most), sorted: column.sorted === true };
  });
}

function worth({ column, at }: { readonly column: FlexibleColumn; readonly at: number }): number {
  return column.forms[at]!.worth;
}

function leastWidth(column: FlexibleColumn, form: Form): number {
  const least = column.least ?? 0;
  return column.elastic ? Math.max(least, form.title.length) : Math.max(least, formWidth(form));
}

function formWidth({ title, cells }: Form): number {
  return cells.reduce((widest, { text }) => Math.max(widest, text.length), title.length);
}

function joinCells(cells: readonly Span[], fitted: readonly Fitted[]): ScreenLine {
  return cells.flatMap((cell, i) => {
    const { column, width } = fitted[i]!;
    const seen = { ...cell, text: shorten(cell.text, width, column.cutMark ?? "") };
    const blanks = styled(" ".repeat(width - seen.text.length));
    const padded = column.align === "left" ? [seen, blanks] : [blanks, seen];
    return i === 0 ? padded : [styled(GAP), ...padded];
  });
}
