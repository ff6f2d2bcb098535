/** Operators that bring rows of two inputs together. @module */

import type { OperatorCase, PlainOperator } from '../case.ts';
import {
  gatherFloor,
  intervalJoinFloor,
  latestFloor,
  waitforFloor,
  windowJoinFloor,
} from '../floors/joins.ts';

const SECOND_US = 1_000_000;
const REACH_US = 250_000;

/** Keys → what is kept of the rows with it. */
type ByKey<Kept> = Map<number, Kept[]>;

function keep<Kept>(side: ByKey<Kept>, key: number, kept: Kept): void {
  const list = side.get(key);
  if (list === undefined) side.set(key, [kept]);
  else list.push(kept);
}

/** A map of ids by window and side. */
function windowJoin(): PlainOperator {
  const windows = new Map<number, readonly [ByKey<number>, ByKey<number>]>();
  return {
    batch(rows, out, port) {
      for (const { at, u, id } of rows) {
        const start = Math.floor(at / SECOND_US) * SECOND_US;
        let sides = windows.get(start);
        if (sides === undefined) windows.set(start, (sides = [new Map(), new Map()]));
        keep(sides[port]!, u, id);
        const others = sides[1 - port]!.get(u);
        if (others === undefined) continue;
        const edges = { window_start: start, window_end: start + SECOND_US };
        for (const other of others) {
          out.push({ ...edges, id: port === 0 ? id : other, other: port === 0 ? other : id });
        }
      }
    },
    watermark(timeUs) {
      for (const start of windows.keys()) if (start + SECOND_US <= timeUs) windows.delete(start);
    },
  };
}

/** Rows by side and key; those that are too old go when their key is looked up. */
function intervalJoin(): PlainOperator {
  const sides = [new Map(), new Map()] as const satisfies ByKey<Timed>[];
  return {
    batch(rows, out, port) {
      const own: ByKey<Timed> = sides[port as 0 | 1];
      const other: ByKey<Timed> = sides[(1 - port) as 0 | 1];
      for (const { at, u, id } of rows) {
        keep(own, u, { at, id });
        const found = other.get(u);
        if (found === undefined) continue;
        while (found.length > 0 && found[0]!.at < at - 2 * REACH_US) found.shift();
        for (const { at: otherAt, id: otherId } of found) {
          if (Math.abs(otherAt - at) > REACH_US) continue;
          out.push(port === 0 ? { id, other: otherId } : { id: otherId, other: id });
        }
      }
    },
  };
}

interface Timed {
  readonly at: number;
  readonly id: number;
}

/** The latest value of each key: rows come in the order of their time here. */
function latest(): PlainOperator {
  const values = new Map<number, number>();
  return {
    batch(rows, out, port) {
      if (port === 1) {
        for (const { k, x } of rows) values.set(k, x);
        return;
      }
      for (const { k, id } of rows) {
        const x = values.get(k);
        if (x !== undefined) out.push({ k, id, x });
      }
    },
  };
}

/** The same, with null where there is no value yet. */
function latestOrNull(): PlainOperator {
  const values = new Map<number, number>();
  return {
    batch(rows, out, port) {
      if (port === 1) for (const { k, x } of rows) values.set(k, x);
      else for (const { k, id } of rows) out.push({ k, id, x: values.get(k) ?? null });
    },
  };
}

/** The rows of one side wait in a map for those of the other. */
function gathered(): PlainOperator {
  const waiting = new Map<number, number>();
  return {
    batch(rows, out, port) {
      if (port === 0) {
        for (const { pair, x } of rows) waiting.set(pair, x);
        return;
      }
      for (const { pair, v } of rows) {
        const x = waiting.get(pair);
        if (x === undefined) continue;
        waiting.delete(pair);
        out.push({ pair, x, v });
      }
    },
  };
}

function released(): PlainOperator {
  const waiting = new Map<number, object[]>();
  return {
    batch(rows, out, port) {
      for (const row of rows) {
        if (port === 0) {
          keep(waiting, row.pair, row);
          continue;
        }
        const found = waiting.get(row.pair);
        if (found === undefined) continue;
        waiting.delete(row.pair);
        out.push(...found);
      }
    },
  };
}

const pairs = { a: ['at', 'u', 'id'], b: ['at', 'u', 'id'] } as const;
const values = { a: ['at', 'k', 'id'], b: ['at', 'k', 'x'] } as const;

/** Every kind of join, and what waits for rows of another input. */
export const joinCases: readonly OperatorCase[] = [
  {
    name: 'join in windows of 1 s, 10,000 keys',
    inputs: pairs,
    hasTime: true,
    isInterleaved: true,
    operators: [
      {
        type: 'join',
        on: 'a.u = b.u',
        window: { type: 'tumbling', size: '1s' },
        select: { id: 'a.id', other: 'b.id' },
      },
    ],
    floor: windowJoinFloor(SECOND_US),
    plain: windowJoin,
  },
  {
    name: 'join within 250 ms, 10,000 keys',
    inputs: pairs,
    hasTime: true,
    isInterleaved: true,
    operators: [
      {
        type: 'join',
        on: 'a.u = b.u',
        within: { before: '250ms', after: '250ms' },
        select: { id: 'a.id', other: 'b.id' },
      },
    ],
    floor: intervalJoinFloor(REACH_US),
    plain: intervalJoin,
  },
  {
    name: 'join as of, 100 keys',
    inputs: values,
    hasTime: true,
    operators: [
      {
        type: 'join',
        on: 'a.k = b.k',
        asOf: true,
        select: { k: 'a.k', id: 'a.id', x: 'b.x' },
      },
    ],
    floor: latestFloor(false),
    plain: latest,
  },
  {
    name: 'resample, the value before',
    inputs: { a: ['k', 'id'], b: ['k', 'x'] },
    hasTime: true,
    operators: [{ type: 'resample', key: ['k'], values: ['x'], method: 'previous' }],
    floor: latestFloor(true),
    plain: latestOrNull,
  },
  {
    name: 'gather of two',
    inputs: { a: ['pair', 'x'], b: ['pair', 'v'] },
    operators: [{ type: 'gather', key: ['pair'] }],
    floor: gatherFloor,
    plain: gathered,
  },
  {
    name: 'waitfor',
    inputs: { a: ['pair', 'x'], b: ['pair'] },
    operators: [{ type: 'waitfor', key: ['pair'] }],
    floor: waitforFloor,
    plain: released,
  },
];
