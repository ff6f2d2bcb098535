/** The prices of all workers, as one of them sees them. @module */

import { SeqlockReader, SeqlockWriter, type SeqlockAddress } from '../../../ringbuf/index.ts';
import { PRICE_WORDS, PriceWord } from '../../protocol-admission.ts';

/** Reads the other workers' prices, and tells them one's own. */
export class Prices {
  /** By worker: value of a millisecond of its work. */
  readonly prices: Float64Array;
  /** Counts changes of what is read. */
  changes = 0;
  readonly own = new Float64Array(PRICE_WORDS);
  readonly #worker: number;
  readonly #writer: SeqlockWriter;
  readonly #readers: readonly SeqlockReader[];
  readonly #versions: Int32Array;
  readonly #armed: Uint8Array;

  constructor(buffer: SharedArrayBuffer, addresses: readonly SeqlockAddress[], worker: number) {
    this.#worker = worker;
    this.#writer = new SeqlockWriter(buffer, addresses[worker]!);
    this.#readers = addresses.map((address) => new SeqlockReader(buffer, address));
    this.#versions = new Int32Array(addresses.length);
    this.#armed = new Uint8Array(addresses.length);
    this.prices = new Float64Array(addresses.length);
  }

  /** Whether a worker has so much waiting that its price may rise soon. @hot */
  isArmed(worker: number): boolean {
    return this.#armed[worker] === 1;
  }

  /** Looks at the other workers' words. @hot */
  read(): void {
    for (let n = 0; n < this.#readers.length; n++) {
      if (n === this.#worker) continue;
      const reader = this.#readers[n]!;
      const version = reader.version();
      if (version === this.#versions[n]) continue;
      this.#versions[n] = version;
      const words = reader.read();
      this.#note(n, words[PriceWord.PRICE]!, words[PriceWord.IS_ARMED]!);
    }
  }

  /** Tells the others what {@link own} says. @hot */
  tell(): void {
    this.#writer.write(this.own);
    this.#note(this.#worker, this.own[PriceWord.PRICE]!, this.own[PriceWord.IS_ARMED]!);
  }

  /** @hot */
  #note(worker: number, price: number, isArmed: number): void {
    if (this.prices[worker] === price && this.#armed[worker] === isArmed) return;
    this.prices[worker] = price;
    this.#armed[worker] = isArmed;
    this.changes++;
  }
}
