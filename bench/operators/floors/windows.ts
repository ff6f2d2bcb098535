/** Floors of aggregates, and of the best rows. @module */

import { type Floor, floorOf } from '../floor.ts';
import { KeyTable } from './key-table.ts';

const KEYS = 128;

/** A pane for each slide: counts, sums and maxima by key. A window is made of its panes when it closes. */
export function hoppingFloor(sizeUs: number, slideUs: number): Floor {
  const shape = {
    window_start: 'f64',
    window_end: 'f64',
    k: 'i32',
    n: 'i32',
    s: 'f64',
    m: 'f64',
  } as const;
  return floorOf(shape, (to, results) => {
    const kept = sizeUs / slideUs + 2;
    const table = new KeyTable(KEYS);
    const keys = new Int32Array(KEYS);
    const counts = new Int32Array(kept * KEYS);
    const sums = new Float64Array(kept * KEYS);
    const mosts = new Float64Array(kept * KEYS).fill(-Infinity);
    const n = new Int32Array(KEYS);
    const s = new Float64Array(KEYS);
    const m = new Float64Array(KEYS);
    let next = -1;
    let last = -1;
    const close = (end: number): void => {
      n.fill(0);
      s.fill(0);
      m.fill(-Infinity);
      for (let pane = end - sizeUs / slideUs; pane < end; pane++) {
        const from = (pane % kept) * KEYS;
        for (let key = 0; key < table.count; key++) {
          n[key]! += counts[from + key]!;
          s[key]! += sums[from + key]!;
          m[key] = Math.max(m[key]!, mosts[from + key]!);
        }
      }
      for (let key = 0; key < table.count; key++) {
        if (n[key] === 0) continue;
        const at = results.next();
        to.window_start[at] = end * slideUs - sizeUs;
        to.window_end[at] = end * slideUs;
        to.k[at] = keys[key]!;
        to.n[at] = n[key]!;
        to.s[at] = s[key]!;
        to.m[at] = m[key]!;
      }
      const oldest = ((end - sizeUs / slideUs) % kept) * KEYS;
      counts.fill(0, oldest, oldest + KEYS);
      sums.fill(0, oldest, oldest + KEYS);
      mosts.fill(-Infinity, oldest, oldest + KEYS);
    };
    return {
      batch({ count, k, v, x, at }) {
        let pane = Math.floor(at[0]! / slideUs);
        let endUs = (pane + 1) * slideUs;
        if (next < 0) next = pane + 1;
        let from = (pane % kept) * KEYS;
        for (let i = 0; i < count; i++) {
          if (at[i]! >= endUs) {
            pane = Math.floor(at[i]! / slideUs);
            endUs = (pane + 1) * slideUs;
            from = (pane % kept) * KEYS;
          }
          const place = table.placeOf(k[i]!);
          keys[place] = k[i]!;
          const group = from + place;
          counts[group]! += 1;
          sums[group]! += v[i]!;
          const value = x[i]!;
          if (value > mosts[group]!) mosts[group] = value;
        }
        last = pane;
      },
      watermark(timeUs) {
        const end = Math.min(timeUs, (last + sizeUs / slideUs) * slideUs);
        for (; next * slideUs <= end; next++) close(next);
      },
    };
  });
}

/** A session for each key: when it began, its last row, count, sum and maximum. */
export function sessionFloor(gapUs: number): Floor {
  const shape = {
    window_start: 'f64',
    window_end: 'f64',
    k: 'i32',
    n: 'i32',
    s: 'f64',
    m: 'f64',
  } as const;
  return floorOf(shape, (to, results) => {
    const table = new KeyTable(KEYS);
    const keys = new Int32Array(KEYS);
    const starts = new Float64Array(KEYS);
    const lasts = new Float64Array(KEYS).fill(-Infinity);
    const counts = new Int32Array(KEYS);
    const sums = new Float64Array(KEYS);
    const mosts = new Float64Array(KEYS);
    const close = (place: number): void => {
      const at = results.next();
      to.window_start[at] = starts[place]!;
      to.window_end[at] = lasts[place]! + gapUs;
      to.k[at] = keys[place]!;
      to.n[at] = counts[place]!;
      to.s[at] = sums[place]!;
      to.m[at] = mosts[place]!;
      counts[place] = 0;
    };
    return {
      batch({ count, k, v, x, at }) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(k[i]!);
          const timeUs = at[i]!;
          if (counts[place] !== 0 && timeUs - lasts[place]! >= gapUs) close(place);
          if (counts[place] === 0) {
            keys[place] = k[i]!;
            starts[place] = timeUs;
            sums[place] = 0;
            mosts[place] = -Infinity;
          }
          lasts[place] = timeUs;
          counts[place]! += 1;
          sums[place]! += v[i]!;
          if (x[i]! > mosts[place]!) mosts[place] = x[i]!;
        }
      },
      watermark(timeUs) {
        for (let place = 0; place < table.count; place++) {
          if (counts[place] !== 0 && lasts[place]! + gapUs <= timeUs) close(place);
        }
      },
    };
  });
}

const untimed = { k: 'i32', n: 'i32', s: 'f64', m: 'f64' } as const;

/** Count, sum and maximum of each key; a result every `rows` rows, from where they begin anew. */
export function countFloor(rows: number): Floor {
  return floorOf(untimed, (to, results) => {
    const table = new KeyTable(KEYS);
    const counts = new Int32Array(KEYS);
    const sums = new Float64Array(KEYS);
    const mosts = new Float64Array(KEYS).fill(-Infinity);
    return {
      batch({ count, k, v, x }) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(k[i]!);
          counts[place]! += 1;
          sums[place]! += v[i]!;
          if (x[i]! > mosts[place]!) mosts[place] = x[i]!;
          if (counts[place] !== rows) continue;
          const at = results.next();
          to.k[at] = k[i]!;
          to.n[at] = rows;
          to.s[at] = sums[place]!;
          to.m[at] = mosts[place]!;
          counts[place] = 0;
          sums[place] = 0;
          mosts[place] = -Infinity;
        }
      },
    };
  });
}

/** The same with a result for each row, of all rows of its key. */
export const eachFloor: Floor = floorOf(untimed, (to, results) => {
  const table = new KeyTable(KEYS);
  const counts = new Float64Array(KEYS);
  const sums = new Float64Array(KEYS);
  const mosts = new Float64Array(KEYS).fill(-Infinity);
  return {
    batch({ count, k, v, x }) {
      for (let i = 0; i < count; i++) {
        const place = table.placeOf(k[i]!);
        counts[place]! += 1;
        sums[place]! += v[i]!;
        if (x[i]! > mosts[place]!) mosts[place] = x[i]!;
        const at = results.next();
        to.k[at] = k[i]!;
        to.n[at] = counts[place]!;
        to.s[at] = sums[place]!;
        to.m[at] = mosts[place]!;
      }
    },
  };
});

/** The last rows of each key, in rings; the sum goes on, the maximum is looked for. */
export function slidingFloor(rows: number): Floor {
  return floorOf(untimed, (to, results) => {
    const table = new KeyTable(KEYS);
    const counts = new Int32Array(KEYS);
    const sums = new Float64Array(KEYS);
    const vs = new Int32Array(KEYS * rows);
    const xs = new Float64Array(KEYS * rows).fill(-Infinity);
    return {
      batch({ count, k, v, x }) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(k[i]!);
          const seen = counts[place]!;
          const first = place * rows;
          const slot = first + (seen % rows);
          sums[place]! += v[i]! - vs[slot]!;
          vs[slot] = v[i]!;
          xs[slot] = x[i]!;
          counts[place] = seen + 1;
          if (seen + 1 < rows) continue;
          let most = xs[first]!;
          for (let r = 1; r < rows; r++) most = Math.max(most, xs[first + r]!);
          const at = results.next();
          to.k[at] = k[i]!;
          to.n[at] = rows;
          to.s[at] = sums[place]!;
          to.m[at] = most;
        }
      },
    };
  });
}

/** Sorted places of the best rows of each key in a window, the least last. */
export function topFloor(best: number, sizeUs: number): Floor {
  const shape = { window_start: 'f64', window_end: 'f64', k: 'i32', id: 'i32', x: 'f64' } as const;
  return floorOf(shape, (to, results) => {
    // A batch reaches into two windows at most; they take turns.
    const tables = [new KeyTable(KEYS), new KeyTable(KEYS)] as const;
    const keys = new Int32Array(2 * KEYS);
    const counts = new Int32Array(2 * KEYS);
    const ids = new Int32Array(2 * KEYS * best);
    const xs = new Float64Array(2 * KEYS * best);
    let next = -1;
    let last = -1;
    const close = (window: number): void => {
      const side = window % 2;
      for (let place = side * KEYS; place < side * KEYS + tables[side]!.count; place++) {
        for (let r = 0; r < counts[place]!; r++) {
          const at = results.next();
          to.window_start[at] = window * sizeUs;
          to.window_end[at] = (window + 1) * sizeUs;
          to.k[at] = keys[place]!;
          to.id[at] = ids[place * best + r]!;
          to.x[at] = xs[place * best + r]!;
        }
        counts[place] = 0;
      }
    };
    return {
      batch({ count, k, id, x, at }) {
        for (let i = 0; i < count; i++) {
          const window = Math.floor(at[i]! / sizeUs);
          if (next < 0) next = window;
          last = window;
          const side = window % 2;
          const place = side * KEYS + tables[side]!.placeOf(k[i]!);
          keys[place] = k[i]!;
          const first = place * best;
          let size = counts[place]!;
          const value = x[i]!;
          if (size === best && value <= xs[first + best - 1]!) continue;
          if (size === best) size--;
          let r = first + size;
          for (; r > first && xs[r - 1]! < value; r--) {
            xs[r] = xs[r - 1]!;
            ids[r] = ids[r - 1]!;
          }
          xs[r] = value;
          ids[r] = id[i]!;
          counts[place] = size + 1;
        }
      },
      watermark(timeUs) {
        const end = Math.min(timeUs, (last + 1) * sizeUs);
        for (; (next + 1) * sizeUs <= end; next++) close(next);
      },
    };
  });
}
