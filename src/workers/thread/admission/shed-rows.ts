/** What gates have dropped since it was looked at last, as rows of the stream `$shed`. @module */

import type { Batch } from '../../../core/batch.ts';
import { ShedColumn } from '../../../core/shed-stream.ts';
import type { TimeUs } from '../../../core/units.ts';
import { GateLedger, LOSSES, type Worth } from '../../protocol-ledger.ts';
import type { PhysicalPlan, SharedLayout } from '../../protocol.ts';

const encoder = new TextEncoder();

/** Sums of values differ by less of all that was offered if they are of the same rows. */
const ROUNDING = 1e-12;

/** What was told of an amount so far: the sums of what rows said. */
class Told {
  rows: Float64Array;
  value: Float64Array;

  constructor(size: number) {
    this.rows = new Float64Array(size);
    this.value = new Float64Array(size);
  }
}

/** A gate and what was told of it. */
interface SeenGate {
  readonly node: string;
  readonly ledger: GateLedger;
  /** By lane and position in {@link LOSSES}. */
  readonly lost: Told;
  /** By lane; of the time up to the look before. */
  readonly offered: Told;
  lanes: number;
}

/**
 * Writes rows, a look at all gates at a time: {@link look}, then {@link write} until it says that there
 * are no more.
 */
export class ShedRows {
  readonly #gates: readonly SeenGate[];
  #timeUs: TimeUs = -Infinity;
  /** What comes next: a gate, a lane of it, a loss. */
  #gate: number;
  #lane = 0;
  #loss = 0;

  constructor({ admission }: PhysicalPlan, shared: SharedLayout) {
    this.#gates = (admission?.gates ?? []).map(({ node }, gate) => {
      const { capacity } = shared.admission!.lanes[gate]!;
      return {
        node,
        ledger: new GateLedger(shared, admission!, gate),
        lost: new Told(capacity * LOSSES.length),
        offered: new Told(capacity),
        lanes: 0,
      };
    });
    this.#gate = this.#gates.length;
  }

  /** Whether {@link write} has something to write still. */
  get hasMore(): boolean {
    return this.#gate < this.#gates.length;
  }

  /** Looks at what was dropped until now. */
  look(timeUs: TimeUs): void {
    this.#timeUs = timeUs;
    for (const gate of this.#gates) gate.lanes = gate.ledger.read();
    this.#gate = 0;
    this.#lane = 0;
    this.#loss = 0;
    this.#skip();
  }

  /**
   * Appends rows to a batch.
   *
   * @returns false when a row did not fit: the batch is full
   */
  write(batch: Batch): boolean {
    while (this.hasMore) {
      if (batch.rowCount === batch.rowCapacity || !this.#append(batch)) return false;
      this.#next();
      this.#skip();
    }
    return true;
  }

  /** Goes on to the next amount that has changed. */
  #skip(): void {
    while (this.hasMore) {
      const gate = this.#gates[this.#gate]!;
      if (this.#lane === gate.lanes) {
        this.#gate++;
        this.#lane = 0;
        continue;
      }
      const { rows, value } = this.#since(gate);
      // As many rows may have come back as went to disk, and be worth more or less.
      const rounding = ROUNDING * gate.ledger.offered(this.#lane).value;
      if (rows !== 0 || Math.abs(value) > rounding) return;
      this.#next();
    }
  }

  #next(): void {
    if (++this.#loss < LOSSES.length) return;
    const { ledger, offered } = this.#gates[this.#gate]!;
    note(offered, this.#lane, lessTold(ledger.offered(this.#lane), offered, this.#lane));
    this.#loss = 0;
    this.#lane++;
  }

  /** What has come to the current amount. */
  #since({ ledger, lost }: SeenGate): Worth {
    const at = this.#lane * LOSSES.length + this.#loss;
    return lessTold(ledger.lost(this.#lane, LOSSES[this.#loss]!), lost, at);
  }

  /** A row for the current amount; false when its text does not fit. */
  #append(batch: Batch): boolean {
    const gate = this.#gates[this.#gate]!;
    const { ledger, node, lost, offered } = gate;
    const lane = this.#lane;
    const { place, reason } = LOSSES[this.#loss]!;
    const row = batch.rowCount;
    const { columns } = batch;
    const texts = [node, ledger.classOf(lane), ledger.tenantOf(lane), place, reason];
    const heapUsed = batch.heap.used;
    for (let t = 0; t < texts.length; t++) {
      const bytes = encoder.encode(texts[t]);
      if (columns[ShedColumn.SOURCE + t]!.setView(row, bytes, 0, bytes.length)) continue;
      batch.heap.used = heapUsed;
      return false;
    }
    const since = this.#since(gate);
    const came = lessTold(ledger.offered(lane), offered, lane);
    columns[ShedColumn.TIME]!.setI64FromNumber(row, this.#timeUs);
    columns[ShedColumn.ROWS]!.setI64FromNumber(row, since.rows);
    columns[ShedColumn.VALUE]!.f64[row] = since.value;
    columns[ShedColumn.THRESHOLD]!.f64[row] = ledger.threshold(lane);
    columns[ShedColumn.OFFERED]!.setI64FromNumber(row, came.rows);
    columns[ShedColumn.OFFERED_VALUE]!.f64[row] = came.value;
    for (const column of columns) column.setPresent(row);
    batch.setRowCount(row + 1);
    note(lost, lane * LOSSES.length + this.#loss, since);
    return true;
  }
}

function lessTold({ rows, value }: Worth, told: Told, at: number): Worth {
  return { rows: rows - told.rows[at]!, value: value - told.value[at]! };
}

/** Adds up as who reads the rows does: what rounding takes away is told with the next row. */
function note(told: Told, at: number, { rows, value }: Worth): void {
  told.rows[at]! += rows;
  told.value[at]! += value;
}
