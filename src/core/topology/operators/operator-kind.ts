/**
 * What a kind of operator is in a document: one file for each, with its shape, the checks that go
 * beyond its shape, its normal form and its outputs. What it means is said in `src/operators`.
 *
 * @module
 */

import * as z from 'zod';
import {
  errorPolicy,
  expecting,
  expression,
  listOf,
  namesTo,
  streamName,
  text,
  whole,
} from '../document/parts.ts';
import { pointer } from '../issues.ts';
import { entriesOf } from '../key-order.ts';
import type { JsonValue } from '../model.ts';
import type { NamedExpression, OperatorCommon } from '../model/parts.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { by } from './dispatch.ts';

/** A node as it is written, which may be wrong. */
export type RawNode = { readonly [property: string]: JsonValue };

/** What the reader of topologies knows of one `type` of operators. */
export interface OperatorKind<Document extends z.ZodType, Node extends OperatorCommon> {
  /** Its shape. */
  readonly document: Document;
  /**
   * - `one`: `input`, or `inputs` with one stream; checked for every kind alike
   * - `several`: `inputs`, whose number the shape says
   */
  readonly inputs: 'one' | 'several';
  /** Reports what is wrong beyond the shape. Parts that are not sound may have any form. */
  check?(node: Loose<z.input<Document>>, report: NodeReport): void;
  /** The normal form of a checked node that stands at the pointer `at`. */
  normalize(node: z.input<Document>, at: string): Omit<Node, keyof OperatorCommon>;
  /**
   * Outputs, but for `errors`, of a node that may be wrong elsewhere; the main output `''` only if
   * left out.
   */
  ports?(node: RawNode): readonly string[];
}

/** Properties of every operator. */
export const common = {
  onError: errorPolicy,
  parallel: whole('a whole number of tasks from 1 to 1024', 1, 1024)
    .describe('How many tasks share the work; the planner decides if left out.')
    .optional(),
  by,
};

/** Properties of operators that read one stream. */
export const oneInput = {
  input: streamName().describe('The stream it reads.').optional(),
  inputs: listOf('a list with the name of one stream', streamName())
    .describe('The stream it reads, as a list of one.')
    .optional(),
};

/** A list of columns, perhaps empty. */
export const columnNames = (description: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z
    .array(text('the name of a column'), expecting('a list of columns such as ["ad"]'))
    .describe(description)
    .optional();

/** Column → expression. */
export const namedExpressions = (example: string): z.ZodRecord<z.ZodString, z.ZodString> =>
  namesTo(`columns such as {"total": "${example}"}`, expression(example));

/** The entries that are expressions; `true` is not one. */
export function conditions(
  at: string,
  entries: readonly (readonly [string, string | true])[],
): NamedExpression[] {
  return entries.flatMap(([name, text]) =>
    text === true ? [] : [{ name, text, pointer: at + pointer(name) }],
  );
}

/** Column → expression, in the order of the document. */
export function expressions(
  at: string,
  columns: Readonly<Record<string, string>>,
): NamedExpression[] {
  return conditions(at, entriesOf(columns));
}
