/** Floors of tables, and of code over rows. @module */

import { type Floor, floorOf } from '../floor.ts';
import { KeyTable } from './key-table.ts';

const KEYS = 16_384;

/** The price of each key; `step` is added to it each time that it is read. */
export function pricesFloor(step: number): Floor {
  return floorOf({ id: 'i32', price: 'f64' }, (to, results, [rows]) => {
    const table = new KeyTable(KEYS);
    const prices = new Float64Array(KEYS);
    for (const { u, x } of rows!) prices[table.placeOf(u)] = x;
    return {
      batch({ count, id, u }) {
        for (let i = 0; i < count; i++) {
          const place = table.find(u[i]!);
          if (place < 0) continue;
          const price = prices[place]! + step;
          prices[place] = price;
          const next = results.next();
          to.id[next] = id[i]!;
          to.price[next] = price;
        }
      },
    };
  });
}

/** The same with prices that are given, and all columns. */
export function lookupFloor(prices: ReadonlyMap<number, number>): Floor {
  return floorOf({ id: 'i32', u: 'i32', x: 'f64', price: 'f64' }, (to, results) => {
    const table = new KeyTable(KEYS);
    const values = new Float64Array(KEYS);
    for (const [key, price] of prices) values[table.placeOf(key)] = price;
    return {
      batch({ count, id, u, x }) {
        for (let i = 0; i < count; i++) {
          const place = table.find(u[i]!);
          if (place < 0) continue;
          const next = results.next();
          to.id[next] = id[i]!;
          to.u[next] = u[i]!;
          to.x[next] = x[i]!;
          to.price[next] = values[place]!;
        }
      },
    };
  });
}

/** The last rows of each key, in rings. */
export function lastRowsFloor(rows: number): Floor {
  return floorOf({ k: 'i32', id: 'i32', x: 'f64' }, (to, results) => {
    const table = new KeyTable(128);
    const counts = new Int32Array(128);
    const ids = new Int32Array(128 * rows);
    const xs = new Float64Array(128 * rows);
    return {
      batch({ count, k, id, x }) {
        for (let i = 0; i < count; i++) {
          const place = table.placeOf(k[i]!);
          const slot = place * rows + (counts[place]! % rows);
          counts[place]! += 1;
          ids[slot] = id[i]!;
          xs[slot] = x[i]!;
          const next = results.next();
          to.k[next] = k[i]!;
          to.id[next] = id[i]!;
          to.x[next] = x[i]!;
        }
      },
    };
  });
}

interface Counted {
  readonly k: number;
  readonly n: number;
}

/** What calls code of users has to do at least: rows become objects that nobody changes, and back. */
export const actorFloor: Floor = floorOf({ k: 'i32', n: 'i32' }, (to, results) => {
  const emit = ({ k, n }: Counted): void => {
    const next = results.next();
    to.k[next] = k;
    to.n[next] = n;
  };
  class Counter {
    #count = 0;

    onRow(row: { readonly k: number }): void {
      emit({ k: row.k, n: ++this.#count });
    }
  }
  const actors = new Map<number, Counter>();
  return {
    batch({ count, k, x }) {
      for (let i = 0; i < count; i++) {
        const row = Object.freeze({ k: k[i]!, x: x[i]! });
        let actor = actors.get(row.k);
        if (actor === undefined) actors.set(row.k, (actor = new Counter()));
        actor.onRow(row);
      }
    },
  };
});

/** Rows with room pass; their keys are known, since a newer row would take the place of one that waits. */
export const updateQueueFloor: Floor = floorOf({ k: 'i32', id: 'i32' }, (to, results) => {
  const table = new KeyTable(1 << 17);
  const waiting = new Uint8Array(1 << 17);
  return {
    batch({ count, k, id }) {
      for (let i = 0; i < count; i++) {
        const place = table.placeOf(id[i]!);
        waiting[place] = 1;
        const next = results.next();
        to.k[next] = k[i]!;
        to.id[next] = id[i]!;
        waiting[place] = 0;
      }
    },
  };
});
