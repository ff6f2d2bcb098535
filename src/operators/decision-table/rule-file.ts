/** Rules from a file: a row each, with a cell for each condition and each result. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { JsonValue, Rule, RuleCell, TableFile } from '../../core/topology/model.ts';
import { readValue } from '../../rows/row-reader.ts';
import type { PlannedRules, RuleInput } from './rules.ts';
import { planRules } from './rules.ts';

/** Most rules of a file. */
const MOST_RULES = 10_000;

/**
 * Reads the rules of a file.
 *
 * @throws MillraceError `ERR_FILE`, `ERR_BAD_ROW` for a cell that makes no sense,
 * `ERR_LIMIT_EXCEEDED` for too many rules
 */
export async function readRules(
  table: TableFile,
  input: RuleInput,
  results: Schema,
  context: KernelContext,
): Promise<PlannedRules> {
  const batch = await context.readTable(table);
  const refuse = (message: string): never => {
    throw new MillraceError('ERR_BAD_ROW', `${table.path}: ${message}`, { node: context.node });
  };
  if (batch.rowCount === 0) refuse('expected at least one rule');
  if (batch.rowCount > MOST_RULES) {
    const message = `${table.path} has ${batch.rowCount} rules, of at most ${MOST_RULES}`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', message, { node: context.node });
  }
  const rules = Array.from({ length: batch.rowCount }, (_, row) =>
    ruleOf(batch, row, table.schema, results),
  );
  const planned = planRules(rules, input, results, (rule, [, column], message) =>
    refuse(`rule ${rule + 1}, '${column}': ${message}`),
  );
  return planned ?? refuse('its rules make no sense');
}

function ruleOf(batch: Batch, row: number, schema: Schema, results: Schema): Rule {
  const cells = schema.map(({ name, type }, c): RuleCell => {
    const value = readValue(batch.columns[c]!, row, { int64: 'bigint' });
    // A large whole number of JSON is a bigint; as a text it is as exact.
    const cell = typeof value === 'bigint' ? String(value) : (value as JsonValue);
    const isResult = fieldIndex(results, name) >= 0;
    return {
      column: name,
      cell: type.kind === 'json' || isResult ? typedCell(cell, name, results) : cell,
    };
  });
  return {
    when: cells.filter(({ column }) => fieldIndex(results, column) < 0),
    then: cells.filter(({ column }) => fieldIndex(results, column) >= 0),
  };
}

/** Results of JSON in a file of texts are JSON texts. */
function typedCell(cell: JsonValue, column: string, results: Schema): JsonValue {
  const type = results[fieldIndex(results, column)]?.type;
  if (type?.kind !== 'json' || typeof cell !== 'string' || cell.startsWith('=')) return cell;
  try {
    return JSON.parse(cell) as JsonValue;
  } catch {
    return cell;
  }
}
