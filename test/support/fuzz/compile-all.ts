/** Everything the compiler does with a text: parsing, types, kernels, and a batch to run them on. @module */

import { identitySelection } from '../../../src/core/batch.ts';
import type { Column } from '../../../src/core/column.ts';
import { MillraceError } from '../../../src/core/errors.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type { TypedExpr, Value } from '../../../src/expr/index.ts';
import {
  addModules,
  compileBatch,
  compilePredicate,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../../src/expr/index.ts';
import { ModuleList } from '../../../src/wasm/index.ts';
import { EDGES, SCHEMA } from '../../differential/expr-grammar.ts';
import { toColumns } from '../../differential/expr-columns.ts';
import { testMemory } from '../memory.ts';
import { HOSTILE_NAMES } from './hostile-text.ts';

/** The columns of the grammar, and some whose names mean something elsewhere. */
export const FUZZED_SCHEMA: Schema = [
  ...SCHEMA,
  ...HOSTILE_NAMES.map((name) => ({ name, type: { kind: 'int32' } as const })),
];

const SCOPE = scopeOf(FUZZED_SCHEMA);
const ROWS = 8;
const SELECTION = identitySelection(ROWS).subarray(0, ROWS);

function batchOf(hasNulls: boolean): { readonly columns: readonly Column[] } {
  const rows = Array.from({ length: ROWS }, (_, row) =>
    FUZZED_SCHEMA.map(({ type }, c): Value => {
      const edges = EDGES[type.kind].filter((edge) => hasNulls || edge !== null);
      return edges[(row + 3 * c) % edges.length]!;
    }),
  );
  return { columns: toColumns(FUZZED_SCHEMA, rows, ROWS) };
}

const BATCHES = [batchOf(false), batchOf(true)];

/**
 * Compiles a text in every way.
 *
 * @returns whether it is an expression
 * @throws what is neither a value nor a proper refusal
 */
export function compileAll(text: string): boolean {
  let expr: TypedExpr;
  try {
    expr = inferExpression(parseExpression(text), SCOPE);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'ERR_EXPRESSION') return false;
    throw error;
  }
  try {
    runAll(expr);
  } catch (error) {
    // A worker has so much memory, and no more.
    if (!(error instanceof MillraceError) || error.code !== 'ERR_LIMIT_EXCEEDED') throw error;
  }
  return true;
}

function runAll(expr: TypedExpr): void {
  const isCondition = expr.type.kind === 'bool';
  const list = new ModuleList();
  addModules(expr, isCondition, list);
  // A plan is posted to the threads.
  const posted = structuredClone(expr);
  const options = { rowCapacity: ROWS, memory: testMemory(1 << 22) };
  const errors = new RowErrors(ROWS);
  const values = compileBatch(posted, options);
  const predicate = isCondition ? compilePredicate(posted, options) : undefined;
  for (const batch of BATCHES) {
    errors.reset();
    values.evaluate(batch, SELECTION, ROWS, errors);
    errors.reset();
    predicate?.select(batch, SELECTION, ROWS, new Uint32Array(ROWS), errors);
  }
}
