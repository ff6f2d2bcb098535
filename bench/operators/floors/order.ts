/** Floors of what puts rows in order, and of what lets one of several pass. @module */

import { type Floor, floorOf } from '../floor.ts';
import { KeyTable } from './key-table.ts';

const timed = { at: 'f64', id: 'i32', x: 'f64' } as const;
/** Rows that wait at a time, at most: a power of two. */
const ROWS = 1 << 13;
const MASK = ROWS - 1;

/** Rows in a ring. */
class Queue {
  readonly at = new Float64Array(ROWS);
  readonly id = new Int32Array(ROWS);
  readonly x = new Float64Array(ROWS);
  first = 0;
  end = 0;
}

/** The heads of two queues. */
export const mergeFloor: Floor = floorOf(timed, (to, results) => {
  const queues = [new Queue(), new Queue()] as const;
  const [left, right] = queues;
  const leave = (queue: Queue): void => {
    const slot = queue.first++ & MASK;
    const next = results.next();
    to.at[next] = queue.at[slot]!;
    to.id[next] = queue.id[slot]!;
    to.x[next] = queue.x[slot]!;
  };
  return {
    batch({ count, at, id, x }, port) {
      const queue = queues[port as 0 | 1];
      for (let i = 0; i < count; i++) {
        const slot = queue.end++ & MASK;
        queue.at[slot] = at[i]!;
        queue.id[slot] = id[i]!;
        queue.x[slot] = x[i]!;
      }
      while (left.first < left.end && right.first < right.end) {
        leave(left.at[left.first & MASK]! <= right.at[right.first & MASK]! ? left : right);
      }
    },
    watermark(timeUs) {
      if (timeUs < Infinity) return;
      for (const queue of queues) while (queue.first < queue.end) leave(queue);
    },
  };
});

/** Rows that wait, sorted as they come: they come nearly in order. */
function sortedRows(leaves: (waiting: number, timeUs: number, lastUs: number) => boolean): Floor {
  return floorOf(timed, (to, results) => {
    const { at: times, id: ids, x: xs } = new Queue();
    let first = 0;
    let end = 0;
    const leave = (): void => {
      const next = results.next();
      const slot = first++ & MASK;
      to.at[next] = times[slot]!;
      to.id[next] = ids[slot]!;
      to.x[next] = xs[slot]!;
    };
    return {
      batch({ count, at, id, x }) {
        for (let i = 0; i < count; i++) {
          const timeUs = at[i]!;
          let place = end++;
          for (; place > first && times[(place - 1) & MASK]! > timeUs; place--) {
            const [slot, before] = [place & MASK, (place - 1) & MASK];
            times[slot] = times[before]!;
            ids[slot] = ids[before]!;
            xs[slot] = xs[before]!;
          }
          const slot = place & MASK;
          times[slot] = timeUs;
          ids[slot] = id[i]!;
          xs[slot] = x[i]!;
          if (leaves(end - first, -Infinity, 0)) leave();
        }
      },
      watermark(timeUs) {
        while (first < end && leaves(0, timeUs, times[first & MASK]!)) leave();
      },
    };
  });
}

/** The first of more than so many rows leaves. */
export function bsortFloor(slack: number): Floor {
  return sortedRows((waiting, timeUs) => waiting > slack || timeUs === Infinity);
}

/** What the watermark has passed leaves. */
export const wsortFloor: Floor = sortedRows((_, timeUs, firstUs) => firstUs <= timeUs);

/** When each key left last. */
export function firstOnlyFloor(withinUs: number): Floor {
  return floorOf({ at: 'f64', u: 'i32', id: 'i32' }, (to, results) => {
    const table = new KeyTable(16_384);
    const left = new Float64Array(16_384).fill(-Infinity);
    return {
      batch({ count, at, u, id }) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(u[i]!);
          const timeUs = at[i]!;
          if (timeUs - left[place]! <= withinUs) continue;
          left[place] = timeUs;
          const next = results.next();
          to.at[next] = timeUs;
          to.u[next] = u[i]!;
          to.id[next] = id[i]!;
        }
      },
    };
  });
}

const CHANGES = ['+I', '-U', '+U'] as const;

/** The last row of each key, and what it replaces. */
export const lastOnlyFloor: Floor = floorOf(
  { k: 'i32', id: 'i32', x: 'f64', change: CHANGES },
  (to, results) => {
    const table = new KeyTable(128);
    const ids = new Int32Array(128);
    const xs = new Float64Array(128);
    return {
      batch({ count, k, id, x }) {
        for (let i = 0; i < count; i++) {
          const known = table.count;
          const place = table.placeOf(k[i]!);
          const isNew = table.count > known;
          if (!isNew) {
            const before = results.next();
            to.k[before] = k[i]!;
            to.id[before] = ids[place]!;
            to.x[before] = xs[place]!;
            to.change[before] = 1;
          }
          const next = results.next();
          to.k[next] = k[i]!;
          to.id[next] = id[i]!;
          to.x[next] = x[i]!;
          to.change[next] = isNew ? 0 : 2;
          ids[place] = id[i]!;
          xs[place] = x[i]!;
        }
      },
    };
  },
);

/** A mark for each key that is locked; what passes is unlocked at once. */
export const lockFloor: Floor = floorOf({ u: 'i32', id: 'i32', x: 'f64' }, (to, results) => {
  const table = new KeyTable(16_384);
  const isLocked = new Uint8Array(16_384);
  return {
    batch({ count, u, id, x }) {
      for (let i = 0; i < count; i++) {
        const place = table.placeOf(u[i]!);
        if (isLocked[place] === 1) continue;
        isLocked[place] = 1;
        const next = results.next();
        to.u[next] = u[i]!;
        to.id[next] = id[i]!;
        to.x[next] = x[i]!;
        isLocked[table.placeOf(to.u[next])] = 0;
      }
    },
  };
});
