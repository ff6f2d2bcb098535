/** Rows that instances have emitted and that are to be handed on. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { OperatorPlan, Outbox } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { textOf } from '../../modules/load-function.ts';
import { type RowOutcome, RowWriter } from '../../rows/row-writer.ts';

/** Rows that one call of an instance may emit: they wait in memory. */
const MOST_ROWS = 100_000;

interface Emission {
  readonly port: number;
  readonly row: object;
  readonly timeUs: TimeUs;
  readonly lateByUs: number;
  readonly ingestTimeUs: TimeUs;
}

/** Waits for room, in the order in which rows were emitted. */
export class Emissions {
  readonly #writers: readonly RowWriter[];
  readonly #refuse: (message: string, cause?: unknown) => void;
  #waiting: Emission[] = [];
  #sent = 0;
  #timeUs: TimeUs = 0;
  #lateByUs = 0;
  #ingestTimeUs: TimeUs = Infinity;

  /** @param refuse - is told of rows that do not fit their stream */
  constructor(
    { outputs }: OperatorPlan,
    ports: number,
    refuse: (message: string, cause?: unknown) => void,
  ) {
    const schemas = outputs.slice(0, ports).map(({ stream }) => stream.schema);
    this.#writers = schemas.map((schema) => new RowWriter(schema));
    this.#refuse = refuse;
  }

  /** What is emitted from here on is of this time. */
  begin(timeUs: TimeUs, lateByUs: number): void {
    this.#timeUs = timeUs;
    this.#lateByUs = lateByUs;
    this.#ingestTimeUs = Infinity;
  }

  /** What is emitted from here on was made of this row. */
  beginRow(batch: Batch, row: number): void {
    this.begin(batch.hasTime ? batch.timeUs(row) : 0, batch.hasTime ? batch.lateByUs(row) : 0);
    this.#ingestTimeUs = batch.ingestTimeUs;
  }

  add(port: number, row: object): void {
    if (this.#waiting.length >= MOST_ROWS) {
      const message = `an instance has emitted ${MOST_ROWS} rows in one call, which is the limit`;
      throw new MillraceError('ERR_LIMIT_EXCEEDED', message);
    }
    this.#waiting.push({
      port,
      row,
      timeUs: this.#timeUs,
      lateByUs: this.#lateByUs,
      ingestTimeUs: this.#ingestTimeUs,
    });
  }

  /** Hands on what was emitted; false when an output is full: call it again. */
  flush(out: Outbox): boolean {
    while (this.#sent < this.#waiting.length) {
      const { port } = this.#waiting[this.#sent]!;
      const target = out.claim(port);
      if (target === undefined) return false;
      out.commit(port, this.#fill(port, target));
    }
    if (this.#sent > 0) {
      this.#waiting = [];
      this.#sent = 0;
    }
    return true;
  }

  /** Writes rows of one port up to the first of another; true when `target` is full. */
  #fill(port: number, target: Batch): boolean {
    for (; this.#sent < this.#waiting.length; this.#sent++) {
      const emission = this.#waiting[this.#sent]!;
      if (emission.port !== port) return false;
      const outcome = this.#write(target, emission);
      if (outcome === 'full') return true;
      if (outcome === null) continue;
      const field = outcome.field === undefined ? '' : `field '${outcome.field}': `;
      this.#refuse(`emitted a row that does not fit: ${field}${outcome.message}`);
    }
    return false;
  }

  /** A row may have getters of the user's, which may throw. */
  #write(target: Batch, emission: Emission): RowOutcome {
    const at = target.rowCount;
    let outcome: RowOutcome;
    try {
      outcome = this.#writers[emission.port]!.write(target, emission.row);
    } catch (error) {
      return { message: `reading it threw ${textOf(error)}` };
    }
    if (outcome !== null) return outcome;
    if (target.hasTime) {
      target.setTimeUs(at, emission.timeUs);
      target.setLateBy(at, emission.lateByUs);
    }
    if (emission.ingestTimeUs < target.ingestTimeUs) target.ingestTimeUs = emission.ingestTimeUs;
    return null;
  }
}
