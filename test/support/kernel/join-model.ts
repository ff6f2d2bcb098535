/** Joins for tests: plans from short descriptions, sources with lateness, and an obvious model. @module */

import type { InputStream, OperatorPlan, RowErrorPolicy } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { BoundedDisorder } from '../../../src/core/time.ts';
import type {
  JoinKind,
  JoinOperator,
  JoinReach,
  NamedExpression,
} from '../../../src/core/topology/model.ts';
import { joinSpec } from '../../../src/operators/join/spec.ts';
import type { Cell, TestRow } from './rows.ts';
import type { Step } from './run-kernel.ts';

/** What a test says of a join. */
export interface JoinDescription {
  readonly left: Schema;
  readonly right: Schema;
  readonly on: string;
  readonly kind?: JoinKind;
  readonly beforeUs?: number;
  readonly afterUs?: number;
  /** In place of `beforeUs` and `afterUs`. */
  readonly reach?: JoinReach;
  readonly time?: 'left' | 'right';
  readonly broadcast?: 'left' | 'right';
  readonly stateLimitBytes?: number;
  readonly buffer?: { readonly left?: number; readonly right?: number };
  readonly onLimit?: 'error' | 'evict';
  /** Positions of the change columns of the inputs. */
  readonly changes?: readonly [number | undefined, number | undefined];
  readonly select?: Readonly<Record<string, string>>;
  readonly onError?: RowErrorPolicy;
  readonly names?: readonly [string, string];
}

/** A join as the topology has it. */
export function joinNode(join: JoinDescription): JoinOperator {
  const names = join.names ?? ['lefts', 'rights'];
  const select = Object.entries(join.select ?? {}).map(([name, text]): NamedExpression => ({
    name,
    text,
    pointer: `/operators/tested/select/${name}`,
  }));
  return {
    section: 'operators',
    type: 'join',
    name: 'tested',
    inputs: names.map((node, i) => ({ node, port: '', pointer: `/operators/tested/inputs/${i}` })),
    onError: join.onError ?? 'stop',
    parallel: undefined,
    kind: join.kind ?? 'inner',
    on: { text: join.on, pointer: '/operators/tested/on' },
    reach: join.reach ?? {
      kind: 'interval',
      beforeUs: join.beforeUs ?? 0,
      afterUs: join.afterUs ?? 0,
    },
    select,
    time: join.time ?? 'left',
    broadcast: join.broadcast,
    stateLimitBytes: join.stateLimitBytes,
    buffer: join.buffer,
    onLimit: join.onLimit ?? 'error',
  };
}

/** Plans a join, and gathers what was reported. */
export function planJoin(
  join: JoinDescription,
  hasTime: readonly [boolean, boolean] = [true, true],
): { plan: OperatorPlan | undefined; issues: string[] } {
  const names = join.names ?? ['lefts', 'rights'];
  const inputs: InputStream[] = [
    {
      name: names[0],
      stream: { schema: join.left, hasTime: hasTime[0], change: join.changes?.[0] },
    },
    {
      name: names[1],
      stream: { schema: join.right, hasTime: hasTime[1], change: join.changes?.[1] },
    },
  ];
  const issues: string[] = [];
  const plan = joinSpec.plan(joinNode(join), inputs, (path, message) => {
    issues.push(`${path.join('/')}: ${message}`);
  });
  return { plan, issues };
}

/** The plan of a join that must be sound. */
export function soundJoin(join: JoinDescription): OperatorPlan {
  const { plan, issues } = planJoin(join);
  if (plan === undefined || issues.length > 0) throw new Error(issues.join('\n'));
  return plan;
}

/** A row that one source of one side gives. */
export interface SourceRow {
  readonly side: 0 | 1;
  /** Each side has two sources; its watermark is the lesser of theirs. */
  readonly source: 0 | 1;
  /** Event time, from the largest of the source so far. */
  readonly stepUs: number;
  readonly values: readonly Cell[];
  /** The side's watermark is announced behind the row. */
  readonly announces: boolean;
}

/** What one input of the join gets, in order. */
export type SideScript = readonly Step[];

/** Judges rows by their sources, and gives what each input of the join gets. */
export function sideScripts(
  rows: readonly SourceRow[],
  latenessUs: number,
): readonly [SideScript, SideScript] {
  const scripts: [Step[], Step[]] = [[], []];
  for (const side of [0, 1] as const) {
    const sources = [new BoundedDisorder(latenessUs), new BoundedDisorder(latenessUs)] as const;
    const latest = [0, 0];
    let announcedUs = -Infinity;
    for (const row of rows.filter((row) => row.side === side)) {
      const timeUs = latest[row.source]! + row.stepUs;
      latest[row.source] = Math.max(latest[row.source]!, timeUs);
      const lateByUs = sources[row.source].judge(timeUs);
      scripts[side].push({ port: side, row: { values: row.values, timeUs, lateByUs } });
      const watermarkUs = Math.min(sources[0].watermarkUs, sources[1].watermarkUs);
      if (!row.announces || watermarkUs <= announcedUs) continue;
      announcedUs = watermarkUs;
      scripts[side].push({ port: side, watermarkUs });
    }
  }
  return scripts;
}

/** One interleaving of two scripts: `picks` says whose turn it is, again and again. */
export function interleave(
  [left, right]: readonly [SideScript, SideScript],
  picks: readonly boolean[],
): Step[] {
  const merged: Step[] = [];
  let l = 0;
  let r = 0;
  for (let i = 0; l < left.length || r < right.length; i++) {
    const takesLeft = r === right.length || (l < left.length && picks[i % picks.length] !== false);
    merged.push(takesLeft ? left[l++]! : right[r++]!);
  }
  return merged;
}

/** What the model needs to know of a join. */
export interface ModelJoin {
  readonly kind: JoinKind;
  readonly beforeUs: number;
  readonly afterUs: number;
  readonly time: 'left' | 'right';
  /** Whether two rows match but for time. */
  readonly matches: (left: readonly Cell[], right: readonly Cell[]) => boolean;
  /** The joined values; a side is `undefined` for an unmatched row of the other, or in a semi or anti join. */
  readonly select: (
    left: readonly Cell[] | undefined,
    right: readonly Cell[] | undefined,
  ) => readonly Cell[];
}

/** All kinds. */
export const JOIN_KINDS: readonly JoinKind[] = ['inner', 'left', 'right', 'full', 'semi', 'anti'];

/** What a left row, or a right one, gives that has no match. */
export const givesLeft = (kind: JoinKind): boolean => ['left', 'full', 'anti'].includes(kind);
export const givesRight = (kind: JoinKind): boolean => ['right', 'full'].includes(kind);
/** Whether pairs are rows of the result. */
export const givesPairs = (kind: JoinKind): boolean => kind !== 'semi' && kind !== 'anti';

/** Joins by comparing everything with everything. */
export function modelJoin(
  join: ModelJoin,
  [left, right]: readonly [SideScript, SideScript],
): { rows: TestRow[]; late: number } {
  const { beforeUs, afterUs } = join;
  const rowsOf = (script: SideScript): TestRow[] =>
    script.flatMap((step) => ('row' in step ? [step.row] : []));
  const isPossible = (row: TestRow): boolean => (row.lateByUs ?? 0) <= beforeUs + afterUs;
  const lefts = rowsOf(left).filter(isPossible);
  const rights = rowsOf(right).filter(isPossible);
  const late = rowsOf(left).length + rowsOf(right).length - lefts.length - rights.length;
  const { kind } = join;
  const rows: TestRow[] = [];
  const alone = ({ timeUs, lateByUs }: TestRow, values: readonly Cell[]): void => {
    rows.push({ values, timeUs: timeUs!, lateByUs: lateByUs! });
  };
  const matched = new Set<TestRow>();
  for (const l of lefts) {
    for (const r of rights) {
      if (!areNear(l, r, beforeUs, afterUs) || !join.matches(l.values, r.values)) continue;
      matched.add(l).add(r);
      const { timeUs, lateByUs } = joinedTime(l, r, join);
      if (givesPairs(kind))
        rows.push({ values: join.select(l.values, r.values), timeUs, lateByUs });
    }
    const isWanted = matched.has(l) ? kind === 'semi' : givesLeft(kind);
    if (isWanted) alone(l, join.select(l.values, undefined));
  }
  for (const r of rights) {
    if (givesRight(kind) && !matched.has(r)) alone(r, join.select(undefined, r.values));
  }
  return { rows, late };
}

/** Where a row's source stood when it gave the row, if it is late; else nowhere. */
function sourceWatermark(row: TestRow): number {
  return row.lateByUs! > 0 ? row.timeUs! + row.lateByUs! : -Infinity;
}

function areNear(l: TestRow, r: TestRow, beforeUs: number, afterUs: number): boolean {
  const distance = r.timeUs! - l.timeUs!;
  return (
    distance >= -beforeUs &&
    distance <= afterUs &&
    sourceWatermark(l) <= r.timeUs! + beforeUs &&
    sourceWatermark(r) <= l.timeUs! + afterUs
  );
}

function joinedTime(
  l: TestRow,
  r: TestRow,
  { time, beforeUs, afterUs }: ModelJoin,
): { timeUs: number; lateByUs: number } {
  const timeUs = time === 'left' ? l.timeUs! : r.timeUs!;
  const watermarkUs =
    time === 'left'
      ? Math.max(sourceWatermark(l), sourceWatermark(r) - afterUs)
      : Math.max(sourceWatermark(r), sourceWatermark(l) - beforeUs);
  return { timeUs, lateByUs: Math.max(0, watermarkUs - timeUs) };
}
