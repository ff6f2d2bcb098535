/** Brings operators into their normal form. @module */

import type { OperatorDocument } from './document/document.ts';
import { isGzip } from './file-format.ts';
import { pointer } from './issues.ts';
import { entriesOf } from './key-order.ts';
import type {
  Emit,
  FilterMode,
  GroupKey,
  InputRef,
  JoinReach,
  LookupKey,
  NamedExpression,
  OperatorCommon,
  OperatorNode,
  Select,
  TopOperator,
  Window,
} from './model.ts';
import {
  durationUs,
  normalizeFormat,
  normalizeSchema,
  normalizeSortKey,
} from './normalize-values.ts';
import { parseStreamName } from './ports.ts';

/** The normal form of a checked operator. */
export function normalizeOperator(name: string, node: OperatorDocument): OperatorNode {
  const at = pointer('operators', name);
  const common = {
    section: 'operators',
    name,
    inputs: normalizeInputs(at, node),
    onError: node.onError ?? 'stop',
    parallel: node.parallel,
  } as const;
  switch (node.type) {
    case 'filter':
      return { ...common, type: 'filter', mode: normalizeMode(at, node) };
    case 'map':
      return { ...common, type: 'map', select: normalizeSelect(`${at}/select`, node.select) };
    case 'union':
      return { ...common, type: 'union' };
    case 'aggregate':
      return {
        ...common,
        type: 'aggregate',
        groupBy: normalizeGroupBy(`${at}/groupBy`, node.groupBy ?? []),
        window: normalizeWindow(node.window),
        emit: normalizeEmit(node.emit),
        select: expressions(`${at}/select`, node.select ?? {}),
      };
    case 'top':
      return { ...common, ...normalizeTop(at, node) };
    case 'join':
      return {
        ...common,
        type: 'join',
        kind: node.kind ?? 'inner',
        on: { text: node.on, pointer: `${at}/on` },
        reach: normalizeReach(node),
        select: expressions(`${at}/select`, node.select),
        time: node.time ?? 'left',
        broadcast: node.broadcast,
      };
    case 'lookup': {
      const { path, schema } = node.table;
      return {
        ...common,
        type: 'lookup',
        table: {
          path,
          format: normalizeFormat({ connector: 'file', ...node.table }),
          gzip: isGzip(path),
          schema: normalizeSchema(schema),
        },
        on: normalizeLookupKeys(`${at}/on`, node.on),
        kind: node.kind ?? 'inner',
      };
    }
    case 'module':
      return {
        ...common,
        type: 'module',
        module: node.module,
        export: node.export ?? 'default',
        schema: normalizeSchema(node.schema),
      };
  }
}

function normalizeInputs(at: string, node: OperatorDocument): InputRef[] {
  const { inputs } = node;
  if (inputs !== undefined) {
    return inputs.map((name, i) => ({ ...parseStreamName(name), pointer: `${at}/inputs/${i}` }));
  }
  const input = 'input' in node ? (node.input ?? '') : '';
  return [{ ...parseStreamName(input), pointer: `${at}/input` }];
}

type Operator<Type> = Extract<OperatorDocument, { type: Type }>;

function normalizeMode(at: string, { where, routes }: Operator<'filter'>): FilterMode {
  if (where !== undefined) {
    return { kind: 'where', where: { text: where, pointer: `${at}/where` } };
  }
  const entries = entriesOf(routes ?? {});
  return {
    kind: 'routes',
    routes: conditions(`${at}/routes`, entries),
    rest: entries.find(([, condition]) => condition === true)?.[0],
  };
}

function normalizeSelect(at: string, select: Operator<'map'>['select']): Select {
  return {
    keepInput: Object.hasOwn(select, '*'),
    columns: conditions(at, entriesOf(select)),
  };
}

/** The entries that are expressions; `true` is not one. */
function conditions(
  at: string,
  entries: readonly (readonly [string, string | true])[],
): NamedExpression[] {
  return entries.flatMap(([name, text]) =>
    text === true ? [] : [{ name, text, pointer: at + pointer(name) }],
  );
}

function expressions(at: string, columns: Readonly<Record<string, string>>): NamedExpression[] {
  return conditions(at, entriesOf(columns));
}

function normalizeGroupBy(
  at: string,
  groupBy: NonNullable<Operator<'aggregate'>['groupBy']>,
): GroupKey[] {
  if (Array.isArray(groupBy)) {
    return groupBy.map((name, i) => ({ kind: 'column', name, pointer: at + pointer(i) }));
  }
  return expressions(at, groupBy).map((key) => ({ kind: 'expression', ...key }));
}

function normalizeTop(at: string, node: Operator<'top'>): Omit<TopOperator, keyof OperatorCommon> {
  return {
    type: 'top',
    n: node.n,
    orderBy: node.orderBy.map((key, i) => normalizeSortKey(key, `${at}/orderBy/${i}`)),
    groupBy: node.groupBy ?? [],
    window: node.window === 'input' ? 'input' : normalizeWindow(node.window),
    ties: node.ties ?? false,
    rank: node.rank,
  };
}

function normalizeEmit(emit: Operator<'aggregate'>['emit']): Emit {
  if (typeof emit === 'object') return { kind: 'every', everyUs: durationUs(emit.every, 0) };
  return { kind: emit ?? 'end' };
}

function normalizeReach({ within, window }: Operator<'join'>): JoinReach {
  if (within !== undefined) {
    const { before, after } = within;
    return { kind: 'interval', beforeUs: durationUs(before, 0), afterUs: durationUs(after, 0) };
  }
  const normal = normalizeWindow(window);
  return normal === undefined ? { kind: 'unbounded' } : { kind: 'window', window: normal };
}

function normalizeLookupKeys(at: string, on: Operator<'lookup'>['on']): LookupKey[] {
  if (Array.isArray(on)) {
    return on.map((name, i) => ({ input: name, table: name, pointer: at + pointer(i) }));
  }
  return entriesOf(on).map(([input, table]) => ({ input, table, pointer: at + pointer(input) }));
}

function normalizeWindow(window: Operator<'aggregate'>['window']): Window | undefined {
  if (window === undefined) return undefined;
  const sizeUs = durationUs(window.size, 0);
  const offsetUs = durationUs(window.offset, 0);
  const time = window.time === 'processing' ? ({ time: 'processing' } as const) : {};
  if (window.type === 'tumbling') return { kind: 'tumbling', sizeUs, offsetUs, ...time };
  return { kind: 'hopping', sizeUs, slideUs: durationUs(window.slide, 0), offsetUs, ...time };
}
