/** `GATHER`: maps that give columns their names, the gather itself, and a map that lists. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import { formatIdentifier, type Span } from '../../expr/index.ts';
import type { SelectItem } from '../ast.ts';
import { mistake } from '../problems.ts';
import { durationOf, numberOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import { ColumnScope, type ScopeSource } from './column-scope.ts';
import type { Context } from './context.ts';
import type { NodeDocument } from './document-builder.ts';
import { checkColumn, type Of, startWith } from './stream-operators.ts';
import { type Column, columnOf, type StreamInfo } from './stream-info.ts';

/** A column of the result: of one stream, or the key. */
interface Pick {
  readonly name: string;
  readonly from: number | 'key';
  readonly column: string;
  readonly declared: Column | undefined;
  readonly span: Span;
}

/** Adds `GATHER items FROM a, b USING k [TIMEOUT v ON f]`. */
export function addGather(gather: Of<'gather'>, context: Context, chain: Chain): void {
  const { items, streams, on, span } = gather;
  const infos = streams.map((name) => context.stream(name));
  for (const info of infos) checkColumn(on, info);
  const sources = infos.map(({ columns }, i) => ({
    names: [streams[i]!.text],
    columns,
    qualifier: undefined,
  }));
  const picks = items.map((item) => picked(item, on.text, sources));
  picks.forEach(({ name, span: place }, i) => {
    if (picks.findIndex((other) => other.name === name) < i) {
      throw mistake(place, `two columns are called '${name}': give one another name with AS`);
    }
  });
  const inputs = infos.map((info, i) => {
    const own = picks.filter(({ from }) => from === i);
    const clash = own.find(({ name }) => name === on.text);
    if (clash !== undefined) {
      throw mistake(clash.span, `'${on.text}' is the key: give this column another name with AS`);
    }
    const select = objectOf([
      [on.text, formatIdentifier(on.text)] as const,
      ...own.map(({ name, column }) => [name, formatIdentifier(column)] as const),
    ]);
    const called = context.builder.freeName(chain.nested().base);
    context.builder.add('operators', called, { type: 'map', input: info.ref, select }, span);
    return called;
  });
  startWith(infos, chain);
  const timeout = timeoutOf(gather, infos);
  const key = columnOf(infos[0]!, on.text) ?? { name: on.text };
  const whole = infos.flatMap((_, i) => picks.filter(({ from }) => from === i));
  const columns = [key, ...whole.map(columnOfPick)];
  const node = { type: 'gather', inputs, key: [on.text], ...timeout };
  chain.add('gather', node, { columns }, span, { key: on.span });
  const select = picks.map(({ name, from }): readonly [string, string] => {
    return [name, formatIdentifier(from === 'key' ? on.text : name)];
  });
  const listed = { columns: picks.map(columnOfPick) };
  chain.add('select', { type: 'map', select: objectOf(select) }, listed, span);
}

function picked(item: SelectItem, key: string, sources: readonly ScopeSource[]): Pick {
  const { span } = item;
  if (item.kind === 'star' || item.expr.kind !== 'column') {
    throw mistake(span, 'GATHER takes single columns; a SELECT behind it computes others');
  }
  const { expr } = item;
  const name = item.name?.text ?? expr.name;
  const scope = new ColumnScope(sources);
  const declared = scope.declared(expr);
  if (expr.name === key) return { name, from: 'key', column: key, declared, span };
  scope.rewrite(expr);
  const source = scope.sourceOf(expr);
  if (source === undefined) {
    const message = `whose column '${expr.name}' is, is not known here`;
    throw mistake(span, `${message}: write the stream in front of it`);
  }
  return { name, from: sources.indexOf(source), column: expr.name, declared, span };
}

function columnOfPick({ name, declared }: Pick): Column {
  return { name, type: declared?.type, element: declared?.element };
}

/** By event time, or by the key. */
function timeoutOf({ timeout, on }: Of<'gather'>, infos: readonly StreamInfo[]): NodeDocument {
  if (timeout === undefined) return {};
  const { value, on: field } = timeout;
  if (infos.every(({ timeField }) => timeField === field.text)) {
    return { timeout: durationOf(value) };
  }
  if (field.text === on.text) return { timeout: { column: on.text, after: numberOf(value) } };
  const message = `TIMEOUT goes by the event time of all streams, or by '${on.text}'`;
  throw mistake(field.span, `${message}, found '${field.text}'`);
}
