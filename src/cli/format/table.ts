/** Columns of text. Pure. @module */

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly align: 'left' | 'right';
}

const GAP = '  ';

/**
 * The lines of a table, header first. Columns without any text are left out, and no line ends in
 * blanks.
 *
 * @param rows - cells, in the order of the columns
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string[] {
  const shown = columns
    .map((column, index) => ({ ...column, index }))
    .filter(({ index }) => rows.some((row) => cell(row, index) !== ''));
  const widths = shown.map(({ title, index }) =>
    Math.max(width(title), ...rows.map((row) => width(cell(row, index)))),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => pad(text, widths[at]!, shown[at]!.align))
      .join(GAP)
      .trimEnd();
  return [
    line(shown.map(({ title }) => title)),
    ...rows.map((row) => line(shown.map(({ index }) => cell(row, index)))),
  ];
}

/** `text` without what is beyond `columns` characters, so that a terminal does not wrap it. */
export function clip(text: string, columns: number): string {
  const characters = Array.from(text);
  if (characters.length <= columns) return text;
  return `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}

const EIGHTHS = ' ▏▎▍▌▋▊▉█';

/** How full something is, as a bar of `cells` characters: `██▌  `. */
export function formatBar(share: number, cells: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  return Array.from({ length: cells }, (_, at) =>
    EIGHTHS.charAt(Math.min(8, Math.max(0, filled - at * 8))),
  ).join('');
}

function cell(row: readonly string[], index: number): string {
  return row[index] ?? '';
}

function pad(text: string, columns: number, align: TableColumn['align']): string {
  const blanks = ' '.repeat(Math.max(0, columns - width(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

function width(text: string): number {
  return Array.from(text).length;
}
