/** What is known of a stream while a program is translated. @module */

/** A column; its type where the program says it. */
export interface Column {
  readonly name: string;
  /** As a topology writes it. */
  readonly type?: string | undefined;
  /** Of a list: the type of its elements. */
  readonly element?: string | undefined;
}

/** A stream of the document. */
export interface StreamInfo {
  /** What reads it writes: `orders`, `cut.big`. */
  readonly ref: string;
  /** `undefined` where only the engine knows them. */
  readonly columns: readonly Column[] | undefined;
  readonly hasTime: boolean;
  /** The column that is the event time, if one still is. */
  readonly timeField?: string | undefined;
}

/** The column of a name. */
export function columnOf(
  { columns }: Pick<StreamInfo, 'columns'>,
  name: string,
): Column | undefined {
  return columns?.find((column) => column.name === name);
}

/** Columns of streams of rows in error. */
export const ERROR_COLUMNS: readonly Column[] = [
  { name: 'node', type: 'string' },
  { name: 'code', type: 'string' },
  { name: 'message', type: 'string' },
  { name: 'file', type: 'string' },
  { name: 'line', type: 'int64' },
  { name: 'field', type: 'string' },
  { name: 'input', type: 'string' },
];
