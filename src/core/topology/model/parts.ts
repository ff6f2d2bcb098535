/**
 * What nodes of a topology have in common, in their normal form. Types only; see `../model.ts`, which
 * gives them on.
 *
 * @module
 */

import type { Schema } from '../../schema.ts';
import type { DurationUs } from '../../units.ts';
import type { Control, ParameterDefinition } from './parameters.ts';

/** A plain JSON value, as a document has it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A stream: output `port` of `node`. The port is `''` for the main output. */
export interface StreamRef {
  readonly node: string;
  readonly port: string;
}

/** One input of a node. The stream exists. */
export interface InputRef extends StreamRef {
  /** Where the document names it. */
  readonly pointer: string;
}

/** The text of an expression, not yet parsed. */
export interface Expression {
  readonly text: string;
  /** Where the document has it. */
  readonly pointer: string;
}

/** An expression and the name of the column, or route, that it defines. */
export interface NamedExpression extends Expression {
  readonly name: string;
}

/** A file path as the document has it; a relative one is relative to the topology file. */
export type FilePath = string;

/** What happens to a row that cannot be decoded, or on which an expression fails. */
export type ErrorPolicy = 'stop' | 'skip' | 'deadLetter';

/** How rows lie in a file. */
export type FileFormat = CsvFormat | JsonlFormat;

/** RFC 4180 with the liberties the documentation lists. */
export interface CsvFormat {
  readonly kind: 'csv';
  /** One ASCII character; `,` by default. */
  readonly delimiter: string;
  /** An unquoted field with this text is null; the empty text by default. */
  readonly nullText: string;
  /** Sources: the first line names the columns. Sinks: write such a line. True by default. */
  readonly header: boolean;
}

/** One JSON object a line. */
export interface JsonlFormat {
  readonly kind: 'jsonl';
}

/** A file whose rows are read at the start and kept in memory. */
export interface TableFile {
  readonly path: FilePath;
  readonly format: FileFormat;
  /** The file is compressed: its name ends in `.gz`. */
  readonly gzip: boolean;
  /** At least one column. */
  readonly schema: Schema;
}

/** One column of a sort order. Nulls sort first, last when `descending`. */
export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
  readonly pointer: string;
}

/** How rows are dealt out to the instances of an operator, see `docs/reference/topology.md`. */
export type Dispatch =
  /** All rows that are equal in these columns to one instance, by a hash. */
  | { readonly style: 'hash' | 'fnv1'; readonly columns: readonly string[] }
  /** To the instance whose number is this column's value, modulo their number. */
  | { readonly style: 'number'; readonly columns: readonly [string] }
  | { readonly style: 'roundRobin' | 'broadcast'; readonly columns: readonly [] };

/** The bound on what each task of an operator remembers. */
export interface Limit {
  /** `undefined`: that of any state. */
  readonly stateLimitBytes?: number | undefined;
  /** What happens there, `error` if left out; a way that an operator does not have was refused. */
  readonly onLimit?: 'error' | 'evict' | 'spill';
}

/** What every operator has. */
export interface OperatorCommon extends Limit {
  readonly section: 'operators';
  readonly name: string;
  /**
   * One, except `union` (one or more) and `join` (two: left, right). Behind them the stream that
   * changes its parameters, if there is one.
   */
  readonly inputs: readonly InputRef[];
  /** What its expressions read under a name with a `$`, and may change while it runs. */
  readonly parameters?: readonly ParameterDefinition[] | undefined;
  /** How the last of its inputs changes the parameters; `undefined`: it is like the others. */
  readonly control?: Control | undefined;
  /** Rows of so long are kept, and replayed when one of them is revised; `undefined`: none are. */
  readonly revisions?: { readonly keepUs: DurationUs } | undefined;
  readonly onError: ErrorPolicy;
  /** How many tasks share the work; `undefined`: the planner decides. */
  readonly parallel: number | undefined;
  /** Which of so many instances a row is for; `undefined`: what the operator needs. */
  readonly by?: Dispatch | undefined;
}

/** The columns of an output, in order. */
export interface Select {
  /** The input's columns come first. */
  readonly keepInput: boolean;
  readonly columns: readonly NamedExpression[];
}

/** One column of a grouping. */
export type GroupKey =
  /** The input column `name`; its name is not an expression and is not to be parsed as one. */
  | { readonly kind: 'column'; readonly name: string; readonly pointer: string }
  /** A computed key. */
  | ({ readonly kind: 'expression' } & NamedExpression);

/**
 * Windows, aligned to the epoch plus `offsetUs`. Ends are exclusive. Those of an aggregate may take rows
 * for `latenessUs` after they have closed.
 */
export type Window = JoinWindow | CumulatingWindow;

/** Windows by which rows are joined. */
export type JoinWindow =
  | {
      readonly kind: 'tumbling';
      readonly sizeUs: DurationUs;
      readonly offsetUs: DurationUs;
      readonly time?: WindowTime;
      readonly latenessUs?: DurationUs;
    }
  /** `0 < slideUs ≤ sizeUs`; size need not be a multiple of slide. */
  | {
      readonly kind: 'hopping';
      readonly sizeUs: DurationUs;
      readonly slideUs: DurationUs;
      readonly offsetUs: DurationUs;
      readonly time?: WindowTime;
      readonly latenessUs?: DurationUs;
    };

/** Windows that begin every size, and end a step later than the one before; `size = n · step`. */
export interface CumulatingWindow {
  readonly kind: 'cumulating';
  readonly sizeUs: DurationUs;
  readonly stepUs: DurationUs;
  readonly offsetUs: DurationUs;
  readonly time?: WindowTime;
  readonly latenessUs?: DurationUs;
}

/** Windows of an aggregate. */
export type AggregateWindow = Window | SessionWindow;

/** Rows of a group that are nearer to each other than the gap; ends a gap after the last. */
export interface SessionWindow {
  readonly kind: 'session';
  readonly gapUs: DurationUs;
  readonly time?: WindowTime;
  readonly latenessUs?: DurationUs;
}

/** Which time windows go by; event time if left out. */
export type WindowTime = 'event' | 'processing';

/**
 * What a join gives: pairs, and with `left`, `right` and `full` rows of these sides without a match;
 * with `semi` left rows that have a match, with `anti` those that have none.
 */
export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';
