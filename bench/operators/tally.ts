/** What a subject has given, in few numbers. @module */

import { mix32 } from '../../src/operators/drop-kernel.ts';
import type { Answer } from '../kernels/subject.ts';

/** How many results there were, and hashes of their columns by name. */
export class Tally {
  readonly #isOrdered: boolean;
  #rows = 0;
  #sum = 0;
  #chain = 0;

  /** @param isOrdered - the order counts as well */
  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  add(row: object): void {
    let hash = 0;
    for (const [name, value] of Object.entries(row)) {
      hash = (hash + mix32(textHash(name) ^ mix32(valueHash(value)))) | 0;
    }
    hash = mix32(hash);
    this.#rows++;
    this.#sum = (this.#sum + hash) | 0;
    if (this.#isOrdered) this.#chain = mix32(this.#chain ^ hash);
  }

  /** Small numbers, which are compared exactly. */
  get answer(): Answer {
    return [this.#rows, ...halves(this.#sum), ...halves(this.#chain)];
  }
}

function halves(hash: number): number[] {
  return [hash >>> 16, hash & 0xffff];
}

function valueHash(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return numberHash(Number(value));
  if (typeof value === 'boolean') return value ? 2 : 1;
  if (typeof value === 'string') return textHash(value);
  if (value === null) return 3;
  throw new Error(`a result of an unexpected type: ${typeof value}`);
}

/** To a thousandth: formulas may be computed in another order. */
function numberHash(value: number): number {
  const scaled = Math.round(value * 1024);
  return mix32(scaled | 0) ^ Math.floor(scaled / 2 ** 32);
}

function textHash(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash;
}
