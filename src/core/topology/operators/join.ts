/** `join` in documents. @module */

import * as z from 'zod';
import { parseDurationUs } from '../../units.ts';
import {
  duration,
  expecting,
  expression,
  listOf,
  object,
  option,
  positiveDuration,
  streamName,
  whole,
} from '../document/parts.ts';
import { keysOf } from '../key-order.ts';
import type { JoinOperator, JoinReach } from '../model/join.ts';
import { checkOutputNames, type Loose, type NodeReport } from '../node-report.ts';
import { durationUs } from '../normalize-values.ts';
import { common, expressions, namedExpressions, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import { checkSeveral } from './join-several.ts';
import { checkWindow, joinWindow, normalizeJoinWindow } from './windows.ts';

/** A number of rows, by itself or as `rows`. */
const bufferRows = () => {
  const rows = () => whole('a number of rows from 0 to 16777216', 0, 2 ** 24);
  const words = expecting('a number of rows such as 100, or {"rows": 100}');
  const named = { rows: rows().describe('How many.') };
  return z.union([rows(), object('a number of rows such as {"rows": 100}', named)], words);
};

const document = object('an operator', {
  type: z
    .literal('join')
    .describe(
      'Pairs of rows of two streams, or rows of several, that are near in time, by "within" or "window". Without ' +
        'either, of all rows: then both sides are kept for ever.',
    ),
  inputs: listOf('a list of two streams or more such as ["l", "r"]', streamName())
    .min(2, expecting('a list of two streams or more such as ["l", "r"]'))
    .max(16, expecting('at most 16 streams, and the output of this join with more in another join'))
    .describe('The left and the right stream; or more, which are joined one after the other.'),
  on: expression('l.id = r.id').describe('Which rows match.'),
  kind: option('join kind', ['inner', 'left', 'right', 'full', 'semi', 'anti'])
    .describe(
      'Beside pairs, rows without a match: none ("inner", the default), those of a side or both; ' +
        'or left rows alone, that have a match ("semi") or none ("anti").',
    )
    .optional(),
  within: object('an interval such as {"before": "0s", "after": "1m"}', {
    before: duration('0s')
      .describe('How much earlier the right row may be; "0s" by default.')
      .optional(),
    after: duration('1m')
      .describe('How much later the right row may be; "0s" by default.')
      .optional(),
  })
    .describe('How near in time: r.time - l.time lies from -before to after, both included.')
    .optional(),
  window: joinWindow.describe('Both rows lie in the same window of event time.').optional(),
  asOf: z
    .literal(true, expecting('true'))
    .describe(
      'Each left row with the latest right row of its key that is not later; "within" may say how ' +
        'much earlier it may be.',
    )
    .optional(),
  select: namedExpressions('l.price').describe(
    'Column → expression over l.NAME and r.NAME; of more than two streams, over STREAM.NAME.',
  ),
  time: option('side', ['left', 'right'])
    .describe('Whose event time a joined row carries; "left" by default.')
    .optional(),
  broadcast: option('side', ['left', 'right'])
    .describe(
      'The side with few rows: every task gets all of them, and the rows of the other side stay ' +
        'where they are.',
    )
    .optional(),
  buffer: object('numbers of rows such as {"left": 100, "right": 50}', {
    left: bufferRows().describe('Of the left stream; all if left out.').optional(),
    right: bufferRows().describe('Of the right stream; all if left out.').optional(),
  })
    .describe(
      'How many rows of a stream are kept at most, those that came last. Which these are depends on ' +
        'the order in which rows arrive.',
    )
    .optional(),
  ttl: positiveDuration('1h')
    .describe(
      'Without "within" and "window": how long a row is kept, by the watermark; for ever if left out.',
    )
    .optional(),
  ...limited,
  ...common,
}).meta({ title: 'join operator' });

type Document = z.input<typeof document>;
type Join = Loose<Document>;

/** How the reader of topologies handles a join. */
export const joinKind: OperatorKind<typeof document, JoinOperator> = {
  document,
  inputs: 'several',
  check,
  normalize: (node, at) => ({
    type: 'join',
    kind: node.kind ?? 'inner',
    on: { text: node.on, pointer: `${at}/on` },
    reach: normalizeReach(node),
    select: expressions(`${at}/select`, node.select),
    time: node.time ?? 'left',
    broadcast: node.broadcast,
    buffer: normalizeBuffer(node.buffer),
  }),
};

/** Where it is asked which rows have a match, each window of a row has a bit of a word. */
const MOST_WINDOWS = 32;
/** By side: the kinds of which every task may get all rows of that side. */
const BROADCAST_KINDS = {
  left: ['inner', 'right'],
  right: ['inner', 'left', 'semi', 'anti'],
} as const;

/** One bound in time at most, and without one nothing that would need it. */
function check(join: Join, report: NodeReport): void {
  const { select } = join;
  checkOutputNames(select, report);
  checkSpill(join, report);
  if (checkSeveral(join, report)) checkReach(join, report);
  else checkTwo(join, report);
}

/** What goes to disk is found by keys, of two streams. */
function checkSpill({ onLimit, inputs = [], buffer, broadcast }: Join, report: NodeReport): void {
  if (onLimit !== 'spill' || !report.isSound('onLimit')) return;
  if (inputs.length > 2) {
    const way = 'expected "error", or one join of two behind the other';
    report.add(['onLimit'], `a join of several streams keeps its rows in memory: ${way}`);
  }
  if (buffer !== undefined) {
    const message = "with 'buffer' the last rows of all keys are kept, and are few";
    report.add(['onLimit'], `${message}: expected "error"`);
  }
  if (broadcast !== undefined) {
    const message = "with 'broadcast' each task has all rows of a side";
    report.add(['onLimit'], `${message}: expected "error", or leave 'broadcast' out`);
  }
}

/** What is only for joins of two streams. */
function checkTwo(join: Join, report: NodeReport): void {
  checkBroadcast(join, report);
  checkTime(join, report);
  checkBuffer(join, report);
  if (join.asOf === undefined) checkReach(join, report);
  else checkAsOf(join, report);
}

function checkReach(join: Join, report: NodeReport): void {
  const { within, window } = join;
  if (within !== undefined && window !== undefined) {
    report.add(['window'], `expected either 'within' or 'window', found both`);
  } else if (window !== undefined) {
    checkJoinWindow(join, report);
  }
  if (within === undefined && window === undefined) checkUnbounded(join, report);
  else checkBounded(join, report);
}

/** Rows that are pushed out are gone: which, depends on when rows arrive. */
function checkBuffer(join: Join, report: NodeReport): void {
  const { buffer, kind = 'inner', asOf, broadcast, parallel } = join;
  if (buffer === undefined || !report.isOfKind('buffer')) return;
  if (kind !== 'inner' && report.isSound('kind')) {
    const message = "a join with a 'buffer' does not know which rows would have had a match";
    report.add(['kind'], `${message}: expected "inner", found "${kind}"`);
  }
  if (asOf !== undefined) {
    report.add(['buffer'], "an as-of join keeps one version of each key: leave 'buffer' out");
  }
  const others = { broadcast, parallel };
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue;
    const message = "a join with a 'buffer' is one task, which says what came last";
    report.add([name], `${message}: leave '${name}' out`);
  }
  if (buffer.left !== undefined || buffer.right !== undefined) return;
  report.add(['buffer'], "expected 'left', 'right' or both");
}

/** Left rows with versions. */
function checkAsOf(join: Join, report: NodeReport): void {
  const { kind = 'inner', window, within, time, ttl, onLimit, broadcast } = join;
  const asOf = 'an as-of join';
  if (kind !== 'inner' && kind !== 'left' && report.isSound('kind')) {
    const message = `${asOf} gives each left row once, with the latest right one`;
    report.add(['kind'], `${message}: expected "inner" or "left", found "${kind}"`);
  }
  const others = { window, ttl, time: time === 'right' ? time : undefined };
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue;
    report.add([name], `${asOf} goes by the time of its left rows: leave '${name}' out`);
  }
  if (within?.after !== undefined && report.isSound('within')) {
    const message = `${asOf} takes no right row that is later`;
    report.add(['within', 'after'], `${message}: expected 'before' alone`);
  }
  if (broadcast === 'left') {
    const message =
      'each task would give a left row with the latest of its share of the right ones';
    report.add(['broadcast'], `${message}: ${asOf} can only have "broadcast": "right"`);
  }
  if (onLimit !== 'evict') return;
  report.add(
    ['onLimit'],
    `${asOf} forgets what no left row will have, and nothing before: expected "error"`,
  );
}

/** What is for joins without a bound in time alone. */
function checkBounded({ ttl, onLimit }: Join, report: NodeReport): void {
  const bounded = "a join with 'within' or 'window' lets rows go when no match can come any more";
  if (ttl !== undefined) report.add(['ttl'], `${bounded}: leave 'ttl' out`);
  if (onLimit !== 'evict') return;
  report.add(['onLimit'], `${bounded}, and forgets none before: expected "error"`);
}

function checkBroadcast({ kind, broadcast, parallel }: Join, report: NodeReport): void {
  if (broadcast === undefined || !report.isSound('broadcast')) return;
  const kinds: readonly string[] = BROADCAST_KINDS[broadcast];
  if (kind !== undefined && report.isSound('kind') && !kinds.includes(kind)) {
    const other = broadcast === 'left' ? 'right' : 'left';
    const message = `each task would judge a ${broadcast} row by its share of the ${other} ones alone`;
    const way =
      kind === 'full'
        ? "a full join has no 'broadcast'"
        : `a ${kind} join can only have "broadcast": "${other}"`;
    report.add(['broadcast'], `${message}: ${way}`);
  }
  if (parallel === undefined) return;
  report.add(
    ['parallel'],
    "a join with 'broadcast' has as many tasks as its other input: leave 'parallel' out",
  );
}

function checkTime({ kind, time }: Join, report: NodeReport): void {
  if ((kind !== 'semi' && kind !== 'anti') || time !== 'right') return;
  const message = `a row of a${kind === 'semi' ? '' : 'n'} ${kind} join is a left row, and has its time`;
  report.add(['time'], `${message}: leave 'time' out`);
}

function checkJoinWindow({ kind, window, select }: Join, report: NodeReport): void {
  if (select !== undefined && report.isOfKind('select')) {
    for (const name of keysOf(select)) {
      if (name !== 'window_start' && name !== 'window_end') continue;
      const message = `the output has another column '${name}', that of the window`;
      report.add(['select', name], `${message}; leave it out, or give it another name`);
    }
  }
  if (!report.isSound('window')) return;
  checkWindow(window, report);
  if (window?.time === 'processing') {
    const message = 'windows of a join go by event time: which rows meet must not depend on when';
    report.add(['window', 'time'], `${message} they arrive`);
  }
  if (kind === undefined || kind === 'inner' || window?.type !== 'hopping') return;
  const [sizeUs, slideUs] = [parseDurationUs(window.size), parseDurationUs(window.slide)];
  if (sizeUs === undefined || slideUs === undefined) return;
  const windows = Math.ceil(sizeUs / slideUs);
  if (windows <= MOST_WINDOWS) return;
  const expected = `expected at most ${MOST_WINDOWS} windows for a row unless the join is inner`;
  report.add(['window', 'slide'], `${expected}, found ${windows}`);
}

function checkUnbounded({ time, ttl, onLimit, buffer }: Join, report: NodeReport): void {
  const unbounded = "a join without 'within' or 'window'";
  if (time !== undefined && report.isSound('time')) {
    report.add(['time'], `${unbounded} gives a row the later of both times: leave 'time' out`);
  }
  const isBuffered = buffer?.left !== undefined && buffer.right !== undefined;
  if (ttl !== undefined || (onLimit ?? 'error') !== 'error' || isBuffered) return;
  const message = `${unbounded} keeps all rows of both inputs as long as it runs`;
  report.warn([], `${message}: its state grows up to the limit, where the run fails`);
}

function normalizeBuffer(buffer: Document['buffer']): JoinOperator['buffer'] {
  if (buffer === undefined) return undefined;
  const rowsOf = (rows: number | { rows: number }): number =>
    typeof rows === 'number' ? rows : rows.rows;
  return {
    ...(buffer.left === undefined ? {} : { left: rowsOf(buffer.left) }),
    ...(buffer.right === undefined ? {} : { right: rowsOf(buffer.right) }),
  };
}

function normalizeReach({ within, window, ttl, asOf }: Document): JoinReach {
  if (asOf === true) return { kind: 'asOf', beforeUs: durationUs(within?.before, undefined) };
  if (within !== undefined) {
    const { before, after } = within;
    return { kind: 'interval', beforeUs: durationUs(before, 0), afterUs: durationUs(after, 0) };
  }
  if (window === undefined) return { kind: 'unbounded', ttlUs: durationUs(ttl, undefined) };
  return { kind: 'window', window: normalizeJoinWindow(window) };
}
