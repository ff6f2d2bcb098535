/** Patterns over rows of two inputs. @module */

import type { OperatorCase, PlainOperator } from '../case.ts';
import { followedFloor, unansweredFloor } from '../floors/joins.ts';

const REACH_US = 250_000;

interface Timed {
  readonly at: number;
  readonly id: number;
}

/** Rows of the first input by key; those that are too old go when their key is looked up. */
function followed(takesAll: boolean): PlainOperator {
  const open = new Map<number, Timed[]>();
  return {
    batch(rows, out, port) {
      for (const { at, u, id } of rows) {
        let list = open.get(u);
        if (port === 0) {
          if (list === undefined) open.set(u, (list = []));
          list.push({ at, id });
          continue;
        }
        if (list === undefined) continue;
        while (list.length > 0 && list[0]!.at < at - REACH_US) list.shift();
        for (const other of list) if (other.at < at) out.push({ id: other.id, other: id });
        if (takesAll) continue;
        while (list.length > 0 && list[0]!.at < at) list.shift();
      }
    },
  };
}

/** What is left of those rows when their time is over. */
function unanswered(): PlainOperator {
  const open = new Map<number, Timed[]>();
  const order: { u: number; at: number; id: number }[] = [];
  let next = 0;
  const end = (timeUs: number, out: object[]): void => {
    for (; next < order.length && order[next]!.at + REACH_US < timeUs; next++) {
      const { u, id, at } = order[next]!;
      const list = open.get(u);
      if (list?.[0]?.id !== id || list[0].at !== at) continue;
      list.shift();
      if (list.length === 0) open.delete(u);
      out.push({ id });
    }
    if (next < 65_536) return;
    order.splice(0, next);
    next = 0;
  };
  return {
    batch(rows, _out, port) {
      for (const { at, u, id } of rows) {
        if (port === 0) {
          const list = open.get(u);
          if (list === undefined) open.set(u, [{ at, id }]);
          else list.push({ at, id });
          order.push({ u, at, id });
          continue;
        }
        const list = open.get(u);
        if (list === undefined) continue;
        const left = list.filter((one) => one.at >= at || one.at + REACH_US < at);
        if (left.length === 0) open.delete(u);
        else open.set(u, left);
      }
    },
    watermark: end,
  };
}

const inputs = { a: ['at', 'u', 'id'], b: ['at', 'u', 'id'] } as const;
const within = '250ms';
const base = { inputs, hasTime: true, isInterleaved: true };

/** One row behind another, by key. */
export const patternCases: readonly OperatorCase[] = [
  {
    ...base,
    name: 'pattern a THEN b within 250 ms, 10,000 keys',
    operators: [
      {
        type: 'pattern',
        key: ['u'],
        pattern: 'a THEN b',
        within,
        select: { id: 'a.id', other: 'b.id' },
      },
    ],
    floor: followedFloor(REACH_US, true),
    plain: () => followed(true),
  },
  {
    ...base,
    name: 'pattern a THEN the next b, 10,000 keys',
    operators: [
      {
        type: 'pattern',
        key: ['u'],
        pattern: 'a THEN b',
        within,
        skip: 'next',
        select: { id: 'a.id', other: 'b.id' },
      },
    ],
    floor: followedFloor(REACH_US, false),
    plain: () => followed(false),
  },
  {
    ...base,
    name: 'pattern a THEN NOT b within 250 ms, 10,000 keys',
    operators: [
      { type: 'pattern', key: ['u'], pattern: 'a THEN NOT b', within, select: { id: 'a.id' } },
    ],
    floor: unansweredFloor(REACH_US),
    plain: unanswered,
  },
];
