/** Names of columns as UTF-8. @module */

import type { Schema } from '../core/schema.ts';

const encoder = new TextEncoder();

/** Whether `bytes` has `name` from `at` on. @hot */
function hasName(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}

/** Finds columns by names that lie in bytes. */
export class ColumnNames {
  readonly #names: readonly Uint8Array[];
  /** The column behind the one that was found last: objects have their members in one order, mostly. */
  #guess = 0;

  constructor(columns: Schema) {
    this.#names = columns.map(({ name }) => encoder.encode(name));
  }

  /** The position of the column with a name of `length` bytes at `at`; -1: there is none. @hot */
  find(bytes: Uint8Array, at: number, length: number): number {
    const names = this.#names;
    let c = this.#guess;
    for (let tries = 0; tries < names.length; tries++) {
      if (c >= names.length) c = 0;
      const name = names[c]!;
      if (name.length === length && hasName(bytes, at, name)) {
        this.#guess = c + 1;
        return c;
      }
      c++;
    }
    return -1;
  }
}
