/** Which columns an expression may name. @module */

import type { Schema } from '../core/schema.ts';
import { fieldIndex } from '../core/schema.ts';
import type { Span } from './ast.ts';
import { expressionError } from './diagnostics.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { TypedColumn } from './typed.ts';

/** One input of an expression. */
export interface ScopeInput {
  /** Names that may qualify its columns: `l`, and the stream's own name. */
  readonly names: readonly string[];
  readonly schema: Schema;
}

/** The inputs of an expression, in row order. Column names may repeat between inputs. */
export interface Scope {
  readonly inputs: readonly ScopeInput[];
}

/** The scope of an expression over one stream; `names` may qualify its columns. */
export function scopeOf(schema: Schema, ...names: readonly string[]): Scope {
  return { inputs: [{ names, schema }] };
}

/**
 * The scope of an expression over two streams: qualified by `l` and `r`, and by the streams' own
 * names where the two differ.
 */
export function joinScope(
  left: Schema,
  right: Schema,
  leftName?: string,
  rightName?: string,
): Scope {
  const own = (name: string | undefined) =>
    name === undefined || leftName === rightName || name === 'l' || name === 'r' ? [] : [name];
  return {
    inputs: [
      { names: ['l', ...own(leftName)], schema: left },
      { names: ['r', ...own(rightName)], schema: right },
    ],
  };
}

/**
 * Looks a column up by its exact name; `undefined` when there is none.
 *
 * @throws MillraceError `ERR_EXPRESSION` when several inputs have it and nothing qualifies it
 */
export function findColumn(
  scope: Scope,
  qualifier: string | undefined,
  name: string,
  span: Span,
): TypedColumn | undefined {
  const found: TypedColumn[] = [];
  let base = 0;
  for (const [input, { names, schema }] of scope.inputs.entries()) {
    const position = fieldIndex(schema, name);
    if (position >= 0 && (qualifier === undefined || names.includes(qualifier))) {
      const type = schema[position]!.type;
      found.push({ op: 'column', type, input, index: base + position, position, name });
    }
    base += schema.length;
  }
  if (found.length > 1) {
    const choices = found.map((column) => `${scope.inputs[column.input]!.names[0] ?? '?'}.${name}`);
    throw expressionError(span, `column '${name}' is ambiguous; write ${choices.join(' or ')}`);
  }
  return found[0];
}

/**
 * Looks a column up; it must be there.
 *
 * @throws MillraceError `ERR_EXPRESSION` with the nearest right name
 */
export function resolveColumn(
  scope: Scope,
  qualifier: string | undefined,
  name: string,
  span: Span,
): TypedColumn {
  const column = findColumn(scope, qualifier, name, span);
  if (column !== undefined) return column;
  if (qualifier === undefined) {
    const names = scope.inputs.flatMap(({ schema }) => schema.map((field) => field.name));
    throw expressionError(span, `unknown column '${name}'`, nearestName(name, names));
  }
  const inputs = scope.inputs.filter(({ names }) => names.includes(qualifier));
  if (inputs.length === 0) {
    const qualifiers = scope.inputs.flatMap(({ names }) => names);
    const known = qualifiers.length === 0 ? '' : ` (there are ${qualifiers.join(', ')})`;
    const meant = nearestName(qualifier, qualifiers);
    throw expressionError(span, `unknown input '${qualifier}'${known}`, meant);
  }
  const names = inputs.flatMap(({ schema }) => schema.map((field) => field.name));
  const meant = nearestName(name, names);
  throw expressionError(span, `unknown column '${name}' of '${qualifier}'`, meant);
}
