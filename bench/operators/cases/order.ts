/** Operators that put rows in order, and those that let one of several pass. @module */

import type { OperatorCase, PlainOperator } from '../case.ts';
import type { Row } from '../feed.ts';
import {
  bsortFloor,
  firstOnlyFloor,
  lastOnlyFloor,
  lockFloor,
  mergeFloor,
  wsortFloor,
} from '../floors/order.ts';

/** A time of its own, see {@link Row}. */
interface Kept {
  readonly at: number;
  readonly id: number;
  readonly x: number;
}

const copyOf = ({ at, id, x }: Row): Kept => ({ at, id, x });

/** The heads of two queues. */
function merged(): PlainOperator {
  const queues: [Kept[], Kept[]] = [[], []];
  const nextOf = [0, 0];
  return {
    batch(rows, out, port) {
      for (const row of rows) queues[port as 0 | 1].push(copyOf(row));
      const [left, right] = queues;
      while (nextOf[0]! < left.length && nextOf[1]! < right.length) {
        const isLeft = left[nextOf[0]!]!.at <= right[nextOf[1]!]!.at;
        out.push(isLeft ? left[nextOf[0]!++]! : right[nextOf[1]!++]!);
      }
      queues[0] = left.slice(nextOf[0]);
      queues[1] = right.slice(nextOf[1]);
      nextOf.fill(0);
    },
    watermark(timeUs, out) {
      if (timeUs === Infinity) for (const queue of queues) out.push(...queue);
    },
  };
}

const SLACK = 32;

/** A sorted array of the rows that are kept back. */
function sortedBuffer(): PlainOperator {
  const kept: Kept[] = [];
  return {
    batch(rows, out) {
      for (const row of rows) {
        let place = kept.length;
        while (place > 0 && kept[place - 1]!.at > row.at) place--;
        if (place === kept.length) kept.push(copyOf(row));
        else kept.splice(place, 0, copyOf(row));
        if (kept.length > SLACK) out.push(kept.shift()!);
      }
    },
    watermark(timeUs, out) {
      if (timeUs === Infinity) out.push(...kept);
    },
  };
}

/** What has come, sorted whenever the watermark rises. */
function sortedByTime(): PlainOperator {
  let waiting: Kept[] = [];
  return {
    batch(rows) {
      for (const row of rows) waiting.push(copyOf(row));
    },
    watermark(timeUs, out) {
      waiting.sort((a, b) => a.at - b.at);
      let count = 0;
      while (count < waiting.length && waiting[count]!.at <= timeUs) out.push(waiting[count++]!);
      waiting = waiting.slice(count);
    },
  };
}

const WITHIN_US = 500_000;

/** When each key left last. */
function firstOnly(): PlainOperator {
  const left = new Map<number, number>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        const before = left.get(row.u);
        if (before !== undefined && row.at - before <= WITHIN_US) continue;
        left.set(row.u, row.at);
        out.push(row);
      }
    },
  };
}

/** A stream of changes: the last row of each key. */
function lastOnly(): PlainOperator {
  const lastOf = new Map<number, Row>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        const { k, id, x } = row;
        const before = lastOf.get(k);
        if (before !== undefined) out.push({ k, id: before.id, x: before.x, change: '-U' });
        out.push({ k, id, x, change: before === undefined ? '+I' : '+U' });
        lastOf.set(k, row);
      }
    },
  };
}

/** A set of keys that are locked, and queues; what passes is unlocked at once. */
function locked(): PlainOperator {
  const keys = new Set<number>();
  const queues = new Map<number, Row[]>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        if (keys.has(row.u)) {
          const queue = queues.get(row.u);
          if (queue === undefined) queues.set(row.u, [row]);
          else queue.push(row);
          continue;
        }
        keys.add(row.u);
        out.push(row);
        keys.delete(row.u);
        const queue = queues.get(row.u);
        if (queue !== undefined) out.push(...queue);
      }
    },
  };
}

const timed = { hasTime: true, isOrdered: true } as const;

/** Sorts, duplicates, locks. */
export const orderCases: readonly OperatorCase[] = [
  {
    name: 'merge of two by event time',
    ...timed,
    inputs: { a: ['at', 'id', 'x'], b: ['at', 'id', 'x'] },
    isInterleaved: true,
    operators: [{ type: 'merge' }],
    floor: mergeFloor,
    plain: merged,
  },
  {
    name: 'sunion of two, buckets of 100 ms',
    ...timed,
    inputs: { a: ['at', 'id', 'x'], b: ['at', 'id', 'x'] },
    isInterleaved: true,
    operators: [{ type: 'sunion', interval: '100ms' }],
    floor: mergeFloor,
    mainOnly: true,
    plain: merged,
  },
  {
    name: `bsort, ${SLACK} rows kept back`,
    ...timed,
    inputs: { rows: ['at', 'id', 'x'] },
    isShuffled: true,
    operators: [{ type: 'bsort', slack: SLACK }],
    floor: bsortFloor(SLACK),
    plain: sortedBuffer,
  },
  {
    name: 'wsort by event time',
    ...timed,
    inputs: { rows: ['at', 'id', 'x'] },
    isShuffled: true,
    operators: [{ type: 'wsort' }],
    floor: wsortFloor,
    plain: sortedByTime,
  },
  {
    name: 'dedup, the first within 500 ms of 10,000 keys',
    inputs: { rows: ['at', 'u', 'id'] },
    hasTime: true,
    operators: [{ type: 'dedup', key: ['u'], within: '500ms' }],
    floor: firstOnlyFloor(WITHIN_US),
    plain: firstOnly,
  },
  {
    name: 'dedup, the last of 100 keys as changes',
    inputs: { rows: ['k', 'id', 'x'] },
    operators: [{ type: 'dedup', key: ['k'], keep: 'last', emit: 'onChange' }],
    floor: lastOnlyFloor,
    plain: lastOnly,
  },
  {
    name: 'lock and unlock, 10,000 keys',
    inputs: { rows: ['u', 'id', 'x'] },
    operators: [
      { type: 'lock', key: ['u'], lockset: 'keys' },
      { type: 'unlock', key: ['u'], lockset: 'keys' },
    ],
    floor: lockFloor,
    plain: locked,
  },
];
