/** The plan of a join of two streams, whose condition and columns have been typed. Pure. @module */

import type {
  ColumnOrigin,
  Distribution,
  InputStream,
  OperatorPlan,
  ReportIssue,
} from '../../core/operator.ts';
import { CHANGE_FIELD } from '../../core/changes.ts';
import type { Field, Schema, StreamType } from '../../core/schema.ts';
import { typeName } from '../../core/types.ts';
import type { JoinOperator } from '../../core/topology/model.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { expressionColumns } from '../../expr/index.ts';
import { withErrorsPort } from '../row-failures.ts';
import { WINDOW_FIELDS, windowConfig } from '../window-scheme.ts';
import type { JoinConfig, JoinSide, KeptColumn, ReachConfig } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { givesUnmatched, isLeftOnly } from './kinds.ts';
import type { JoinKey, OnCondition } from './on-condition.ts';
import { splitOn } from './on-condition.ts';
import { planChanges } from './plan-changes.ts';

/** An output column. */
export interface JoinOutput {
  readonly name: string;
  readonly expr: TypedExpr;
}

/** What a join computes, over rows `[...left, ...right]`. */
export interface JoinExpressions {
  readonly on: TypedExpr;
  readonly outputs: readonly JoinOutput[];
}

/** Plans a join of two streams; `undefined` when something was reported. */
export function planJoin(
  node: JoinOperator,
  left: InputStream,
  right: InputStream,
  { on, outputs }: JoinExpressions,
  report: ReportIssue,
): OperatorPlan | undefined {
  if (!checkTimes(node, left, right, report)) return undefined;
  const { keys, further } = splitOn(on);
  if (!checkOn(node, { keys, further }, left, right, report)) return undefined;
  const changes = planChanges(node, left, right, on, outputs, report);
  if (changes === 'wrong') return undefined;
  const select = outputs.map(({ expr }) => expr);
  const read = further === undefined ? select : [...select, further];
  const config: JoinConfig = {
    kind: node.kind,
    reach: planReach(node),
    time: timeOf(node, left, right),
    sides: planSides(left.stream.schema, right.stream.schema, keys, read),
    further,
    select,
    changes,
    stateLimitBytes: node.stateLimitBytes,
    onLimit: onLimitOf(node, changes !== undefined),
    buffers: [node.buffer?.left, node.buffer?.right],
  };
  const columns = outputSchema(node, outputs);
  const repeats = repeatsOf(node, outputs);
  const isChanging = changes?.givesChanges === true;
  const stream: StreamType = {
    schema: isChanging ? [...columns, CHANGE_FIELD] : columns,
    hasTime: config.time !== 'none',
    change: isChanging ? columns.length : undefined,
  };
  return {
    kind: 'join',
    note: noteOf(node, keys),
    config,
    inputs: [left.stream, right.stream],
    outputs: withErrorsPort([{ name: 'out', stream, repeats }], node.onError),
    distribution: distributionOf(node, keys),
    onError: node.onError,
    ...(config.onLimit === 'spill' ? { spill: { kind: 'rows' } } : {}),
  };
}

/**
 * What the kernel does at the limit. It puts rows on disk itself where pairs of them may come at the end: where
 * nothing is judged by time, by what is missing, or taken back.
 */
function onLimitOf({ onLimit = 'error', kind, reach }: JoinOperator, isChanging: boolean): OnLimit {
  const isForever = reach.kind === 'unbounded' && reach.ttlUs === undefined;
  if (onLimit !== 'spill' || (kind === 'inner' && isForever && !isChanging)) return onLimit;
  return 'error';
}

type OnLimit = JoinConfig['onLimit'];

/** A bound in time needs times. */
export function checkTimes(
  { reach }: JoinOperator,
  left: InputStream,
  right: InputStream,
  report: ReportIssue,
): boolean {
  const bound = boundOf(reach);
  let isSound = true;
  for (const [i, input] of [left, right].entries()) {
    if (input.stream.hasTime || bound === undefined) continue;
    isSound = false;
    const what = `a join by '${bound}' needs event time on both inputs, and '${input.name}' has none`;
    report(['inputs', i], `${what}: give the source it comes from a 'time'`);
  }
  return isSound;
}

const AS_OF_CONDITIONS =
  'an as-of join pairs a row with the latest of its key, whatever that is like: expected equalities ' +
  'between the sides, joined by AND; filter the inputs before, or the output behind';

function distributionOf(node: JoinOperator, keys: readonly JoinKey[]): Distribution {
  // Which rows came last is for one task to say.
  if (node.buffer !== undefined) return { kind: 'single' };
  if (node.broadcast === undefined) return distributionByKeys(keys);
  return { kind: 'broadcast', port: node.broadcast === 'left' ? LEFT : RIGHT };
}

/** Whether the condition of a join is one that it can go by. */
function checkOn(
  node: JoinOperator,
  { keys, further }: OnCondition,
  left: InputStream,
  right: InputStream,
  report: ReportIssue,
): boolean {
  if (keys.length === 0 && node.reach.kind === 'unbounded' && !isBuffered(node)) {
    report(['on'], noKeysMessage(left, right));
    return false;
  }
  if (node.reach.kind === 'asOf' && further !== undefined) {
    report(['on'], AS_OF_CONDITIONS);
    return false;
  }
  return checkBroadcast(node, keys, report);
}

/** Computed keys may fail, and would do so once in each task. */
function checkBroadcast(
  { broadcast }: JoinOperator,
  keys: readonly JoinKey[],
  report: ReportIssue,
): boolean {
  if (broadcast === undefined || keys.every((key) => key[broadcast].op === 'column')) return true;
  const message = `the keys of the ${broadcast} side, which every task gets, must be columns`;
  report(['on'], `${message}: compute them in a map before`);
  return false;
}

const NOTES: Readonly<Record<JoinOperator['reach']['kind'], readonly string[]>> = {
  interval: [],
  window: ['over windows'],
  unbounded: ['without a bound'],
  asOf: ['as of'],
};

/** Whether a number of rows bounds what is kept of both sides. */
function isBuffered({ buffer }: JoinOperator): boolean {
  return buffer?.left !== undefined && buffer.right !== undefined;
}

/** What `explain` says of a join. */
function noteOf(
  { kind, reach, buffer }: JoinOperator,
  keys: readonly JoinKey[],
): string | undefined {
  const last = [buffer?.left, buffer?.right].flatMap((rows, side) =>
    rows === undefined ? [] : `the last ${rows} rows of the ${side === LEFT ? 'left' : 'right'}`,
  );
  const nested = keys.length === 0 ? ['each row with all near ones'] : [];
  const notes = [...(kind === 'inner' ? [] : [kind]), ...NOTES[reach.kind], ...last, ...nested];
  return notes.length === 0 ? undefined : notes.join(', ');
}

function planReach({ reach }: JoinOperator): ReachConfig {
  return reach.kind === 'window' ? { kind: 'window', window: windowConfig(reach.window) } : reach;
}

/** Without a bound, rows of an input without time may meet rows of any age: no time fits these. */
function timeOf(node: JoinOperator, left: InputStream, right: InputStream): JoinConfig['time'] {
  if (node.reach.kind !== 'unbounded') return isLeftOnly(node.kind) ? 'left' : node.time;
  return left.stream.hasTime && right.stream.hasTime ? 'later' : 'none';
}

function outputSchema({ reach }: JoinOperator, outputs: readonly JoinOutput[]): Schema {
  const columns = outputs.map(({ name, expr }): Field => ({ name, type: expr.type }));
  return reach.kind === 'window' ? [...WINDOW_FIELDS, ...columns] : columns;
}

/** Columns of sides of which each row of the result has a row. */
function repeatsOf(
  { kind, reach }: JoinOperator,
  outputs: readonly JoinOutput[],
): readonly (ColumnOrigin | undefined)[] {
  const repeated = outputs.map(({ expr }): ColumnOrigin | undefined => {
    if (expr.op !== 'column' || givesUnmatched(kind, expr.input === LEFT ? RIGHT : LEFT))
      return undefined;
    return { input: expr.input, column: expr.position };
  });
  return reach.kind === 'window' ? [...WINDOW_FIELDS.map(() => undefined), ...repeated] : repeated;
}

/** The property that bounds a join in time. */
function boundOf(reach: JoinOperator['reach']): string | undefined {
  if (reach.kind === 'unbounded') return reach.ttlUs === undefined ? undefined : 'ttl';
  if (reach.kind === 'asOf') return 'asOf';
  return reach.kind === 'interval' ? 'within' : 'window';
}

function noKeysMessage(left: InputStream, right: InputStream): string {
  return (
    "a join without 'within' or 'window' needs at least one equality between its two sides, joined by " +
    `AND, such as 'l.id = r.id'; the left input is '${left.name}', the right one '${right.name}'`
  );
}

/** Those of `indexes` that lie in `[from, to)`, counted from `from`, ascending, each once. */
function positionsOf(indexes: readonly number[], from: number, to: number): readonly number[] {
  const inside = indexes.filter((index) => index >= from && index < to);
  return [...new Set(inside.map((index) => index - from))].sort((a, b) => a - b);
}

/** What is kept of both sides, for expressions over rows `[...left, ...right]`. */
function planSides(
  left: Schema,
  right: Schema,
  keys: readonly JoinKey[],
  read: readonly TypedExpr[],
): readonly [JoinSide, JoinSide] {
  const columns = read.flatMap(expressionColumns);
  const leftKeys = keys.map((key) => key.left);
  const rightKeys = keys.map((key) => key.right);
  return [
    planSide(left, leftKeys, positionsOf(columns, 0, left.length)),
    planSide(right, rightKeys, positionsOf(columns, left.length, Infinity)),
  ];
}

/** What is kept of one side: the columns that are used, and the keys. */
function planSide(schema: Schema, keys: readonly TypedExpr[], used: readonly number[]): JoinSide {
  const kept: KeptColumn[] = [];
  const keptSchema: Field[] = [];
  const keepColumn = (position: number): number => {
    const at = kept.findIndex((other) => other.kind === 'column' && other.position === position);
    if (at >= 0) return at;
    keptSchema.push(schema[position]!);
    return kept.push({ kind: 'column', position }) - 1;
  };
  const keepKey = (key: number, expr: TypedExpr): number => {
    keptSchema.push({ name: `key ${key}`, type: expr.type });
    return kept.push({ kind: 'key', key }) - 1;
  };
  const keptUsed = used.map(keepColumn);
  const keptKeys = keys.map((expr, key) =>
    expr.op === 'column' ? keepColumn(expr.index) : keepKey(key, expr),
  );
  return { keys, kept, keptSchema, keptKeys, used, keptUsed };
}

/**
 * Rows that match are equal in all keys, so any of them will do to spread the rows, as long as equal
 * values have the same type and the same bytes: not floats, of which 0 and -0 are equal.
 */
function distributionByKeys(keys: readonly JoinKey[]): Distribution {
  const left: number[] = [];
  const right: number[] = [];
  for (const key of keys) {
    if (key.left.op !== 'column' || key.right.op !== 'column') continue;
    if (typeName(key.left.type) !== typeName(key.right.type)) continue;
    if (key.left.type.kind === 'float64') continue;
    left.push(key.left.index);
    right.push(key.right.index);
  }
  return left.length === 0 ? { kind: 'single' } : { kind: 'keys', columns: [left, right] };
}
