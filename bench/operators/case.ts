/** What the benchmark of operators is made of. @module */

import type { TableDefinition } from '../../src/core/topology/model.ts';
import type { OperatorDocument } from '../../src/core/topology/operators/index.ts';
import type { CaseInputs, Row } from './feed.ts';
import type { Floor } from './floor.ts';

/** The same in plain JavaScript, over an object for each row. Results go to `out`, an object each. */
export interface PlainOperator {
  /** Rows of an input in their order. */
  batch(rows: readonly Row[], out: object[], port: number): void;
  /** All rows up to an event time have come; `Infinity` at the end. */
  watermark?(timeUs: number, out: object[]): void;
}

/** An operator as a document has it, but for its inputs. */
export type BareOperator = OperatorDocument extends infer Each
  ? Each extends { readonly type: string }
    ? Omit<Each, 'input' | 'inputs'>
    : never
  : never;

/** One operator and its settings. */
export interface OperatorCase extends CaseInputs {
  /** Begins with the operator's type. */
  readonly name: string;
  /** Operators behind each other on one worker: the first gives its type, others are called by it. */
  readonly operators: readonly [BareOperator, ...BareOperator[]];
  readonly tables?: readonly TableDefinition[];
  /** Gets the rows of one pass before anything is measured: fills a table. */
  readonly setup?: BareOperator;
  /** What a file of a `lookup` has: columns of numbers. */
  readonly file?: Readonly<Record<string, readonly number[]>>;
  /** The order of results is compared, not only which there are. */
  readonly isOrdered?: boolean;
  /** Results on other ports are not compared. */
  readonly mainOnly?: boolean;
  /** What keeps state has one. */
  readonly floor?: Floor;
  /** @param first - the rows of the first pass, by port */
  plain(first: readonly (readonly Row[])[]): PlainOperator;
}

/** Types of operators that a case measures. */
export function typesOf({ operators }: OperatorCase): string[] {
  return operators.map(({ type }) => type);
}
