/** What stands behind `FROM`. @module */

import { formatExpression, hasAggregates, type Expr } from '../../expr/index.ts';
import type { FromItem } from '../ast.ts';
import { mistake } from '../problems.ts';
import type { Chain } from './chain.ts';
import { ColumnScope } from './column-scope.ts';
import type { Context } from './context.ts';
import { parametersOf } from './parameters.ts';
import type { StreamInfo } from './stream-info.ts';

/** The stream behind `FROM`. */
export function inputOf(item: FromItem, context: Context, chain: Chain): StreamInfo {
  return context.translate(item.stream, chain.nested());
}

/** The scope of a chain that reads one stream. */
export function singleScope(item: FromItem, context: Context, chain: Chain): ColumnScope {
  const { columns } = chain.info;
  const source = { names: namesOf(item), columns, qualifier: undefined };
  return new ColumnScope([source], context.declarations.constants);
}

/** What may stand in front of a column of a source. */
export function namesOf({ alias, stream }: FromItem): readonly string[] {
  if (alias !== undefined) return [alias.text];
  return stream.kind === 'stream' ? [stream.name.text] : [];
}

/** `WHERE`: rows for which it is true. */
export function addWhere(where: Expr, scope: ColumnScope, context: Context, chain: Chain): void {
  if (hasAggregates(where)) {
    throw mistake(where.span, 'WHERE is for single rows; HAVING is for what is aggregated');
  }
  const text = formatExpression(scope.rewrite(where));
  const parameters = parametersOf(scope, context, where.span);
  const { columns, timeField } = chain.info;
  const node = { type: 'filter', where: text, ...parameters };
  chain.add('where', node, { columns, timeField }, where.span, { where: where.span });
}
