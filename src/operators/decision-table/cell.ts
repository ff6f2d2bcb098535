/**
 * Cells of decision tables as conditions.
 *
 * | cell | holds for |
 * | --- | --- |
 * | empty, `*`, JSON null | every value, null too |
 * | `null`, `not null` | null, and everything else |
 * | `5`, `abc`, `'a b'` | an equal value |
 * | `> 5`, `<= 5`, `<> 5` | what compares so |
 * | `10..20`, `10..`, `..20` | values of a range with its ends |
 * | `[10..20)`, `(10..20]` | the same, without the end beside a round bracket |
 * | `a, b, 10..20` | what one of the list holds for |
 * | `not a, b` | what none of the list holds for |
 * | `like 'a%'` | a string that matches |
 *
 * A value may be a parameter of the operator, `$name`. Null meets only `*` and `null`. Values of columns of strings that have commas, two points or operators
 * in them stand between apostrophes.
 *
 * @module
 */

import type { Field, Schema } from '../../core/schema.ts';
import type { JsonValue } from '../../core/topology/model.ts';
import type { DataType } from '../../core/types.ts';
import { typeName } from '../../core/types.ts';

/** A cell that cannot be read; its message says why. */
export class CellError extends Error {
  override readonly name = 'CellError';
}

/** A name as SQL has it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL has it. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The condition, in SQL, that a cell puts on a column.
 *
 * @param parameters - that may stand where a value could, as `$name`
 * @returns `undefined` when it holds for everything
 * @throws CellError
 */
export function cellCondition(
  cell: JsonValue,
  column: Field,
  parameters: Schema = [],
): string | undefined {
  if (cell === null) return undefined;
  if (Array.isArray(cell)) {
    const items = (cell as readonly JsonValue[]).map((item) =>
      cellCondition(item, column, parameters),
    );
    if (items.length === 0) throw new CellError('expected at least one value in the list');
    return items.includes(undefined) ? undefined : `(${items.join(' OR ')})`;
  }
  switch (typeof cell) {
    case 'string':
      return textCondition(cell.trim(), column, parameters);
    case 'number':
    case 'boolean':
      return `${quotedName(column.name)} = ${literal(String(cell), column.type, parameters)}`;
    default:
      throw new CellError('expected a text, a number, true, false or a list of them');
  }
}

function textCondition(text: string, column: Field, parameters: Schema): string | undefined {
  const name = quotedName(column.name);
  if (text === '' || text === '*') return undefined;
  if (/^null$/i.test(text)) return `${name} IS NULL`;
  if (/^not\s+null$/i.test(text)) return `${name} IS NOT NULL`;
  const negated = /^not\s+(?<items>.+)$/is.exec(text)?.groups?.['items'];
  const items = splitItems(negated ?? text).map((item) => itemCondition(item, column, parameters));
  const joined = items.length === 1 ? items[0]! : `(${items.join(' OR ')})`;
  return negated === undefined ? joined : `NOT (${joined})`;
}

/** The parts between commas that do not stand between apostrophes. */
function splitItems(text: string): readonly string[] {
  const items = text.match(/(?:'(?:[^']|'')*'|[^,'])+|'/g) ?? [];
  const trimmed = items.map((item) => item.trim());
  if (trimmed.includes('') || text.endsWith(',') || text.startsWith(',') || /,\s*,/.test(text)) {
    throw new CellError(`a value is missing beside a comma in '${text}'`);
  }
  return trimmed;
}

const COMPARISON = /^(<=|>=|<>|!=|<|>|=)\s*(.+)$/s;
const VALUE = String.raw`(?:'(?:[^']|'')*'|(?!')[^']*?)`;
const RANGE = new RegExp(String.raw`^([[(]?)\s*(${VALUE})\s*\.\.\s*(${VALUE})\s*([\])]?)$`, 's');

function itemCondition(item: string, { name: column, type }: Field, parameters: Schema): string {
  const value = (text: string): string => literal(text, type, parameters);
  const name = quotedName(column);
  const like = /^like\s+(.+)$/is.exec(item);
  if (like !== null && type.kind === 'string') return `${name} LIKE ${value(like[1]!)}`;
  const comparison = COMPARISON.exec(item);
  if (comparison !== null) {
    return `${name} ${comparison[1]!} ${value(comparison[2]!)}`;
  }
  const range = RANGE.exec(item);
  if (range === null) return `${name} = ${value(item)}`;
  const [, open = '', low = '', high = '', close = ''] = range;
  if ((open === '') !== (close === '')) throw new CellError(`a bracket is missing in '${item}'`);
  const bounds = [
    ...(low === '' ? [] : [`${name} ${open === '(' ? '>' : '>='} ${value(low)}`]),
    ...(high === '' ? [] : [`${name} ${close === ')' ? '<' : '<='} ${value(high)}`]),
  ];
  if (bounds.length === 0) throw new CellError(`the range '${item}' has no end`);
  return bounds.length === 1 ? bounds[0]! : `(${bounds.join(' AND ')})`;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A value of a column's type in SQL. */
function literal(text: string, type: DataType, parameters: Schema): string {
  if (parameters.some(({ name }) => name === text)) return text;
  const isQuoted = /^'(?:[^']|'')*'$/s.test(text);
  const value = isQuoted ? text.slice(1, -1).replaceAll("''", "'") : text;
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'float64':
    case 'decimal':
      if (!NUMBER.test(value)) throw wrong(text, type);
      // An exact number beside a decimal; as it is written beside the others.
      return type.kind === 'decimal' && !/e/i.test(value) ? `DECIMAL '${value}'` : value;
    case 'bool':
      if (!/^(?:true|false)$/i.test(value)) throw wrong(text, type);
      return value.toUpperCase();
    case 'string':
      if (!isQuoted && value.includes("'")) {
        throw new CellError(`an apostrophe in ${value} is not closed; write '' for one in a text`);
      }
      return quotedText(value);
    case 'timestamp':
    case 'duration':
      return quotedText(value);
    default:
      throw new CellError(
        `a ${type.kind} column takes only '*', 'null' and 'not null'; write the rule's 'when' as an expression`,
      );
  }
}

function wrong(text: string, type: DataType): CellError {
  return new CellError(`expected a value of type ${typeName(type)}, found '${text}'`);
}
