/** Rows that instances have emitted and that are to be handed on. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { OperatorPlan, Outbox } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { type RowOutcome, RowWriter } from '../../rows/row-writer.ts';
import { RowOrigin } from '../row-origin.ts';
import { misfit, writeUserRow } from '../user-rows.ts';

/** Rows that one call of an instance may emit: they wait in memory. */
const MOST_ROWS = 100_000;

interface Emission {
  readonly port: number;
  readonly row: object;
  readonly origin: RowOrigin;
  /** What is written where the row does not fit; `undefined`: the row is refused. */
  readonly instead: (() => object) | undefined;
}

/**
 * Rows go into the batches of the outputs as they are emitted. Those for which there is no room wait, in the
 * order in which they were emitted, and so do those that are refused, until the call has ended.
 */
export class Emissions {
  readonly #writers: readonly RowWriter[];
  readonly #refuse: (message: string, cause?: unknown) => void;
  /** By port, while the kernel is called. */
  readonly #targets: (Batch | undefined)[];
  #out: Outbox | undefined;
  #waiting: Emission[] = [];
  #sent = 0;
  /** In the call of an instance that goes on. */
  #rows = 0;
  readonly #origin = new RowOrigin();

  /** @param refuse - is told of rows that do not fit their stream */
  constructor(
    { outputs }: OperatorPlan,
    ports: number,
    refuse: (message: string, cause?: unknown) => void,
  ) {
    const schemas = outputs.slice(0, ports).map(({ stream }) => stream.schema);
    this.#writers = schemas.map((schema) => new RowWriter(schema));
    this.#targets = schemas.map(() => undefined);
    this.#refuse = refuse;
  }

  /** Until {@link close}, rows may be written. */
  open(out: Outbox): void {
    this.#out = out;
  }

  /** Hands on what was written. */
  close(): void {
    const targets = this.#targets;
    for (let port = 0; port < targets.length; port++) this.#commit(port, false);
    this.#out = undefined;
  }

  /** What is emitted from here on, by one call, is of this time. */
  begin(timeUs: TimeUs, lateByUs: number): void {
    this.#rows = 0;
    this.#origin.begin(timeUs, lateByUs);
  }

  /** What is emitted from here on was made of this row. */
  beginRow(batch: Batch, row: number): void {
    this.#rows = 0;
    this.#origin.take(batch, row);
  }

  /** @param instead - gives a row to be written where this one does not fit */
  add(port: number, row: object, instead?: () => object): void {
    if (++this.#rows > MOST_ROWS) {
      const message = `an instance has emitted ${MOST_ROWS} rows in one call, which is the limit`;
      throw new MillraceError('ERR_LIMIT_EXCEEDED', message);
    }
    if (this.#waiting.length === 0 && this.#writeNow(port, row)) return;
    this.#waiting.push({ port, row, origin: this.#origin.copy(), instead });
  }

  /** Forgets what was emitted. */
  discard(): void {
    this.#waiting = [];
  }

  /** Writes what waits; false when an output is full: call it again. */
  flush(): boolean {
    if (this.#waiting.length === 0) return true;
    while (this.#sent < this.#waiting.length) {
      const { port } = this.#waiting[this.#sent]!;
      const target = this.#target(port);
      if (target === undefined) return false;
      if (this.#fill(port, target)) this.#commit(port, true);
    }
    this.#waiting = [];
    this.#sent = 0;
    return true;
  }

  #target(port: number): Batch | undefined {
    return (this.#targets[port] ??= this.#out?.claim(port));
  }

  #commit(port: number, isFull: boolean): void {
    if (this.#targets[port] === undefined) return;
    this.#targets[port] = undefined;
    this.#out!.commit(port, isFull);
  }

  /** False: there is no room, or the row is refused. */
  #writeNow(port: number, row: object): boolean {
    const target = this.#target(port);
    if (target === undefined) return false;
    return this.#write(target, port, row, this.#origin) === null;
  }

  /** Writes rows of one port up to the first of another; true when `target` is full. */
  #fill(port: number, target: Batch): boolean {
    for (; this.#sent < this.#waiting.length; this.#sent++) {
      const emission = this.#waiting[this.#sent]!;
      if (emission.port !== port) return false;
      let outcome = this.#write(target, port, emission.row, emission.origin);
      if (outcome !== null && outcome !== 'full' && emission.instead !== undefined) {
        outcome = this.#write(target, port, emission.instead(), emission.origin);
      }
      if (outcome === 'full') return true;
      if (outcome !== null) this.#refuse(`emitted a row that does not fit: ${misfit(outcome)}`);
    }
    return false;
  }

  #write(target: Batch, port: number, row: object, origin: RowOrigin): RowOutcome {
    const at = target.rowCount;
    const outcome = writeUserRow(this.#writers[port]!, target, row);
    if (outcome === null) origin.stamp(target, at);
    return outcome;
  }
}
