/** Floors of what brings rows of two inputs together. @module */

import { type Floor, floorOf } from '../floor.ts';
import { KeyTable } from './key-table.ts';

const NONE = -1;
const KEYS = 16_384;
/** Rows of a side that a window, or what is within reach, has room for: a power of two. */
const ROWS = 1 << 15;

/** Rows of a side, in a ring, linked by key from the newest on. */
class Side {
  readonly heads = new Int32Array(KEYS).fill(NONE);
  readonly links = new Int32Array(ROWS);
  readonly ids = new Int32Array(ROWS);
  readonly times = new Float64Array(ROWS);
  /** Rows that have come. */
  count = 0;

  add(place: number, id: number, timeUs: number): void {
    const slot = this.count & (ROWS - 1);
    this.ids[slot] = id;
    this.times[slot] = timeUs;
    this.links[slot] = this.heads[place]!;
    this.heads[place] = slot;
    this.count++;
  }
}

/** Two sides for each of two windows, which take turns. */
export function windowJoinFloor(sizeUs: number): Floor {
  const shape = { window_start: 'f64', window_end: 'f64', id: 'i32', other: 'i32' } as const;
  return floorOf(shape, (to, results) => {
    const table = new KeyTable(KEYS);
    const sides = [new Side(), new Side(), new Side(), new Side()];
    const windows = [NONE, NONE];
    return {
      batch({ count, u, id, at }, port) {
        for (let i = 0; i < count; i++) {
          const window = Math.floor(at[i]! / sizeUs);
          const turn = window % 2;
          if (windows[turn] !== window) {
            windows[turn] = window;
            sides[2 * turn]!.heads.fill(NONE);
            sides[2 * turn + 1]!.heads.fill(NONE);
          }
          const place = table.placeOf(u[i]!);
          const other = sides[2 * turn + 1 - port]!;
          for (let slot = other.heads[place]!; slot !== NONE; slot = other.links[slot]!) {
            const next = results.next();
            to.window_start[next] = window * sizeUs;
            to.window_end[next] = (window + 1) * sizeUs;
            to.id[next] = port === 0 ? id[i]! : other.ids[slot]!;
            to.other[next] = port === 0 ? other.ids[slot]! : id[i]!;
          }
          sides[2 * turn + port]!.add(place, id[i]!, at[i]!);
        }
      },
    };
  });
}

/** A chain of the other side ends where its rows are out of reach. */
export function intervalJoinFloor(reachUs: number): Floor {
  return floorOf({ id: 'i32', other: 'i32' }, (to, results) => {
    const table = new KeyTable(KEYS);
    const sides = [new Side(), new Side()] as const;
    return {
      batch({ count, u, id, at }, port) {
        const own = sides[port as 0 | 1];
        const other = sides[(1 - port) as 0 | 1];
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(u[i]!);
          const timeUs = at[i]!;
          let slot = other.heads[place]!;
          // What has been written over is newer than what was there: the chain ends.
          for (let beforeUs = Infinity; slot !== NONE; slot = other.links[slot]!) {
            const otherUs = other.times[slot]!;
            if (otherUs < timeUs - reachUs || otherUs > beforeUs) break;
            beforeUs = otherUs;
            if (otherUs > timeUs + reachUs) continue;
            const next = results.next();
            to.id[next] = port === 0 ? id[i]! : other.ids[slot]!;
            to.other[next] = port === 0 ? other.ids[slot]! : id[i]!;
          }
          own.add(place, id[i]!, timeUs);
        }
      },
    };
  });
}

/** The latest value of each key. */
export function latestFloor(hasNulls: boolean): Floor {
  return floorOf({ k: 'i32', id: 'i32', x: 'nullable' }, (to, results) => {
    const table = new KeyTable(128);
    const values = new Float64Array(128).fill(NaN);
    return {
      batch({ count, k, id, x }, port) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(k[i]!);
          if (port === 1) {
            values[place] = x[i]!;
            continue;
          }
          const value = values[place]!;
          if (!hasNulls && value !== value) continue;
          const next = results.next();
          to.k[next] = k[i]!;
          to.id[next] = id[i]!;
          to.x[next] = value;
        }
      },
    };
  });
}

/** Rows that wait, by key: each is there once at a time. */
class WaitingPairs {
  readonly table = new KeyTable(1 << 17);
  readonly values = new Float64Array(1 << 17);
  readonly isThere = new Uint8Array(1 << 17);
}

/** The rows of one side wait for those of the other. */
export const gatherFloor: Floor = floorOf({ pair: 'i32', x: 'f64', v: 'i32' }, (to, results) => {
  const { table, values, isThere } = new WaitingPairs();
  return {
    batch({ count, pair, x, v }, port) {
      for (let i = 0; i < count; i++) {
        const place = table.placeOf(pair[i]!);
        if (port === 0) {
          values[place] = x[i]!;
          isThere[place] = 1;
          continue;
        }
        if (isThere[place] === 0) continue;
        isThere[place] = 0;
        const next = results.next();
        to.pair[next] = pair[i]!;
        to.x[next] = values[place]!;
        to.v[next] = v[i]!;
      }
    },
  };
});

/** The same; only the row that has waited leaves. */
export const waitforFloor: Floor = floorOf({ pair: 'i32', x: 'f64' }, (to, results) => {
  const { table, values, isThere } = new WaitingPairs();
  return {
    batch({ count, pair, x }, port) {
      for (let i = 0; i < count; i++) {
        const place = table.placeOf(pair[i]!);
        if (port === 0) {
          values[place] = x[i]!;
          isThere[place] = 1;
          continue;
        }
        if (isThere[place] === 0) continue;
        isThere[place] = 0;
        const next = results.next();
        to.pair[next] = pair[i]!;
        to.x[next] = values[place]!;
      }
    },
  };
});

/** Rows of the first input in a ring, linked by key; those of the second go along the chain. */
export function followedFloor(reachUs: number, takesAll: boolean): Floor {
  return floorOf({ id: 'i32', other: 'i32' }, (to, results) => {
    const table = new KeyTable(KEYS);
    const open = new Side();
    return {
      batch({ count, u, id, at }, port) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(u[i]!);
          const timeUs = at[i]!;
          if (port === 0) {
            open.add(place, id[i]!, timeUs);
            continue;
          }
          const newest = open.heads[place]!;
          let isPrefixGone = false;
          for (let slot = newest, beforeUs = Infinity; slot !== NONE; slot = open.links[slot]!) {
            const openUs = open.times[slot]!;
            if (openUs < timeUs - reachUs || openUs > beforeUs) break;
            beforeUs = openUs;
            // The batch before has rows that come after this one.
            if (openUs >= timeUs) continue;
            isPrefixGone = true;
            const next = results.next();
            to.id[next] = open.ids[slot]!;
            to.other[next] = id[i]!;
          }
          if (takesAll || !isPrefixGone) continue;
          // What is left are those that come later.
          let kept = NONE;
          for (let slot = newest; slot !== NONE; slot = open.links[slot]!) {
            if (open.times[slot]! < timeUs) break;
            kept = slot;
          }
          if (kept === NONE) open.heads[place] = NONE;
          else open.links[kept] = NONE;
        }
      },
    };
  });
}

/** Rows in a ring; those that were answered are marked, the others leave when their time is over. */
export function unansweredFloor(reachUs: number): Floor {
  return floorOf({ id: 'i32' }, (to, results) => {
    const table = new KeyTable(KEYS);
    const open = new Side();
    const isAnswered = new Uint8Array(ROWS);
    let oldest = 0;
    return {
      batch({ count, u, id, at }, port) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(u[i]!);
          const timeUs = at[i]!;
          if (port === 0) {
            isAnswered[open.count & (ROWS - 1)] = 0;
            open.add(place, id[i]!, timeUs);
            continue;
          }
          let beforeUs = Infinity;
          for (let slot = open.heads[place]!; slot !== NONE; slot = open.links[slot]!) {
            const openUs = open.times[slot]!;
            if (openUs > beforeUs || openUs + reachUs < timeUs) break;
            beforeUs = openUs;
            if (openUs < timeUs) isAnswered[slot] = 1;
          }
        }
      },
      watermark(timeUs) {
        for (; oldest < open.count; oldest++) {
          const slot = oldest & (ROWS - 1);
          if (open.times[slot]! + reachUs >= timeUs) break;
          if (isAnswered[slot] === 1) continue;
          to.id[results.next()] = open.ids[slot]!;
        }
      },
    };
  });
}
