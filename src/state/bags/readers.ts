/** What is read from bags: places in the order, the most frequent value, lists. @module */

import type { Column } from '../../core/column.ts';
import type { BagReader, ResultBytes } from './bag-accumulator.ts';
import type { Bags } from './bags.ts';
import { ListWriter } from './list-writer.ts';

/** The value of the first entry that is there: the least, the first, the last. */
export function readFirst(bags: Bags): BagReader {
  const { stride } = bags.layout;
  return {
    read(first, entries, _total, target, row) {
      for (let e = 0; e < entries; e++) {
        if (!(bags.floats[first + e * stride]! > 0)) continue;
        bags.readValue(first + e * stride, target, row);
        break;
      }
      return true;
    },
  };
}

/** How many values there are. */
export const readCount: BagReader = {
  read(_first, _entries, total, target, row) {
    target.setI64FromNumber(row, total);
    return true;
  },
  readNone: (target, row) => target.setI64FromNumber(row, 0),
};

/** The most frequent value; the least of several. */
export function readMode(bags: Bags): BagReader {
  const { stride } = bags.layout;
  return {
    read(first, entries, _total, target, row) {
      let best = first;
      for (let e = 1; e < entries; e++) {
        const entry = first + e * stride;
        if (bags.floats[entry]! > bags.floats[best]!) best = entry;
      }
      bags.readValue(best, target, row);
      return true;
    },
  };
}

/** The first entry behind which at most `rest` values are. */
function entryAt(bags: Bags, first: number, entries: number, index: number, once: boolean): number {
  const { stride } = bags.layout;
  let before = 0;
  for (let e = 0; e < entries; e++) {
    const times = bags.floats[first + e * stride]!;
    if (times > 0) before += once ? 1 : times;
    if (before > index) return first + e * stride;
  }
  return first + (entries - 1) * stride;
}

/** Of n values in order number ⌈p · n⌉, from 1. */
export function readDiscrete(bags: Bags, fraction: number, once: boolean): BagReader {
  return {
    read(first, entries, total, target, row) {
      const index = Math.max(0, Math.ceil(fraction * total) - 1);
      bags.readValue(entryAt(bags, first, entries, index, once), target, row);
      return true;
    },
  };
}

/** Between the values number ⌊p · (n − 1)⌋ and the next, from 0. */
export function readContinuous(bags: Bags, fraction: number, once: boolean): BagReader {
  const { cell } = bags.layout.value;
  return {
    read(first, entries, total, target, row) {
      const place = fraction * (total - 1);
      const index = Math.floor(place);
      const low = bags.floats[entryAt(bags, first, entries, index, once) + cell]!;
      const rest = place - index;
      if (rest === 0) {
        target.f64[row] = low;
        return true;
      }
      const high = bags.floats[entryAt(bags, first, entries, index + 1, once) + cell]!;
      target.f64[row] = low === high ? low : low * (1 - rest) + high * rest;
      return true;
    },
  };
}

/** Bits of all values. */
export function readBits(bags: Bags, kind: 'bit_and' | 'bit_or'): BagReader {
  const { stride, value } = bags.layout;
  const isAnd = kind === 'bit_and';
  return {
    read(first, entries, _total, target, row) {
      let low = isAnd ? -1 : 0;
      let high = low;
      for (let e = 0; e < entries; e++) {
        const entry = first + e * stride;
        if (!(bags.floats[entry]! > 0)) continue;
        const at = 2 * (entry + value.cell);
        low = isAnd ? low & bags.words[at]! : low | bags.words[at]!;
        high = isAnd ? high & bags.words[at + 1]! : high | bags.words[at + 1]!;
      }
      if (target.storage === 'i32') target.words[row] = low;
      else {
        target.words[2 * row] = low;
        target.words[2 * row + 1] = high;
      }
      return true;
    },
  };
}

/** A list of values as json. */
export function readList(
  bags: Bags,
  target: { readonly once: boolean; readonly most: number },
  results: ResultBytes,
  writer: ListWriter,
): BagReader {
  const { stride } = bags.layout;
  return {
    read(first, entries, total, column, row) {
      const length = Math.min(total, target.most);
      writer.beginArray(length);
      let left = length;
      for (let e = 0; e < entries && left > 0; e++) {
        const entry = first + e * stride;
        const times = Math.min(left, target.once ? 1 : bags.floats[entry]!);
        for (let t = 0; t < times; t++) writer.value(entry);
        if (times > 0) left -= times;
      }
      results.write(column, row, writer.bytes, writer.length);
      return true;
    },
  };
}

/** Strings one after the other. */
export function readJoined(
  bags: Bags,
  once: boolean,
  separator: Uint8Array,
  results: ResultBytes,
  writer: ListWriter,
): BagReader {
  const { stride } = bags.layout;
  return {
    read(first, entries, _total, column: Column, row) {
      writer.begin();
      let isFirst = true;
      for (let e = 0; e < entries; e++) {
        const entry = first + e * stride;
        const times = once ? Math.min(1, bags.floats[entry]!) : bags.floats[entry]!;
        for (let t = 0; t < times; t++) {
          if (!isFirst) writer.raw(separator, 0, separator.length);
          isFirst = false;
          writer.text(entry);
        }
      }
      results.write(column, row, writer.bytes, writer.length);
      return true;
    },
  };
}
