/** Results that may still be revised, and how others differ from them. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { bytesOfText, textOfBytes } from './row-bytes.ts';

/** A result, and whether it is given or taken back. */
export interface Given {
  readonly port: number;
  readonly timeUs: TimeUs;
  /** Its port and values, see `row-bytes.ts`. */
  readonly text: string;
  readonly isBack: boolean;
}

/** What a result takes beside its values. */
const RESULT_BYTES = 160;

/** Results that are looked at in one piece of work. */
const RESULTS_AT_ONCE = 4096;

interface Counted {
  readonly port: number;
  readonly timeUs: TimeUs;
  readonly text: string;
  count: number;
}

/** A multiset of results. */
export class Results {
  readonly #counts = new Map<string, Counted>();
  bytes = 0;

  add(port: number, timeUs: TimeUs, text: string): void {
    const id = idOf(timeUs, text);
    const known = this.#counts.get(id);
    if (known !== undefined) {
      known.count++;
      return;
    }
    this.#counts.set(id, { port, timeUs, text, count: 1 });
    this.bytes += RESULT_BYTES + 2 * text.length;
  }

  /** Forgets a result that will not be revised any more. */
  remove(timeUs: TimeUs, text: string): void {
    const id = idOf(timeUs, text);
    const known = this.#counts.get(id);
    if (known === undefined || --known.count > 0) return;
    this.#counts.delete(id);
    this.bytes -= RESULT_BYTES + 2 * text.length;
  }

  /** What makes of these results the others: first what is taken back. */
  *differenceTo(others: Results): Steps<Given[]> {
    const difference: Given[] = [];
    yield* addMissing(this, others, true, difference);
    yield* addMissing(others, this, false, difference);
    return difference;
  }

  countOf(timeUs: TimeUs, text: string): number {
    return this.#counts.get(idOf(timeUs, text))?.count ?? 0;
  }

  all(): Iterable<Counted> {
    return this.#counts.values();
  }

  *state(io: StateIo): Steps {
    const items = yield* stateOfList(
      io,
      [...this.#counts.values()],
      function* (item): Steps<Counted> {
        const port = io.int(item?.port ?? 0);
        const timeUs = io.float(item?.timeUs ?? 0);
        const count = io.int(item?.count ?? 0);
        const text = textOfBytes(yield* io.bytes(bytesOfText(item?.text ?? '')));
        return { port, timeUs, count, text };
      },
    );
    if (!io.isReading) return;
    for (const { port, timeUs, text, count } of items) {
      for (let i = 0; i < count; i++) this.add(port, timeUs, text);
    }
  }
}

function* addMissing(there: Results, other: Results, isBack: boolean, missing: Given[]): Steps {
  let looked = 0;
  for (const { port, timeUs, text, count } of there.all()) {
    const more = count - other.countOf(timeUs, text);
    for (let i = 0; i < more; i++) missing.push({ port, timeUs, text, isBack });
    if (++looked % RESULTS_AT_ONCE === 0) yield;
  }
}

function idOf(timeUs: TimeUs, text: string): string {
  return `${timeUs} ${text}`;
}
