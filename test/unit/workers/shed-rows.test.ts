/** Rows of the stream of what was shed, from ledgers that somebody writes. */
import { describe, expect, test } from 'vitest';
import { Tally } from '../../../src/admission/tally.ts';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { Batch } from '../../../src/core/batch.ts';
import { SHED_SCHEMA } from '../../../src/core/shed-stream.ts';
import { loadTopology, compileTopology } from '../../../src/engine/load.ts';
import { reserveSharedMemory } from '../../../src/engine/plan/shared-memory.ts';
import { readText } from '../../../src/rows/row-reader.ts';
import { GATE_FIGURES, LATE_FIGURES } from '../../../src/workers/protocol-admission.ts';
import { LedgerWriter } from '../../../src/workers/thread/admission/ledger-writer.ts';
import { lanesWriter } from '../../../src/workers/thread/admission/shared-lanes.ts';
import { ShedRows } from '../../../src/workers/thread/admission/shed-rows.ts';
import { testMemory } from '../../support/memory.ts';

const document = {
  version: 1,
  name: 'shed',
  sources: {
    bids: {
      connector: 'embedded',
      schema: { bid: 'float64', tier: 'string' },
      admission: { value: 'bid', class: 'tier', onOverload: 'shed' },
    },
  },
  sinks: {
    out: { connector: 'discard', input: 'bids' },
    lost: { connector: 'discard', input: '$shed' },
  },
};

/** A gate's ledger, of which the parts are changed at will. */
class Ledger {
  readonly gate: { readonly offered: Tally; readonly shed: Tally; readonly room: Tally };
  readonly late: { readonly shed: Tally; readonly expired: Tally };
  readonly rows: ShedRows;
  threshold = 0;
  readonly #writers: readonly LedgerWriter[];
  #lanes = 0;
  readonly #add: (name: string) => void;

  constructor() {
    const plan = compileTopology(loadTopology(document, { workers: 1 }), { files: false });
    const shared = reserveSharedMemory(plan);
    const buffer = shared.memory.buffer as unknown as SharedArrayBuffer;
    const { ledgers, lateLedgers, lanes } = shared.admission!;
    const { capacity } = lanes[0]!;
    const tally = (): Tally => new Tally(capacity);
    this.gate = { offered: tally(), shed: tally(), room: tally() };
    this.late = { shed: tally(), expired: tally() };
    const gate = [this.gate.offered, this.gate.shed, this.gate.room, tally()];
    const head = lateLedgers.find((address) => address !== undefined)!;
    expect([ledgers[0]![0]!.figures, head.figures]).toEqual([GATE_FIGURES, LATE_FIGURES]);
    this.#writers = [
      new LedgerWriter(buffer, ledgers[0]![0]!, gate, () => this.threshold),
      new LedgerWriter(buffer, head, [this.late.shed, this.late.expired]),
    ];
    const names = lanesWriter(buffer, lanes[0]!);
    names.tenants.add('');
    this.#add = (name) => {
      names.classes.add(name);
      names.add(this.#lanes++, 0);
    };
    this.rows = new ShedRows(plan, shared);
  }

  addClass(name: string): void {
    this.#add(name);
  }

  publish(): void {
    for (const writer of this.#writers) writer.publish(this.#lanes);
  }
}

interface Row {
  readonly time: number;
  readonly text: string;
  readonly rows: number;
  readonly value: number;
  readonly offered: number;
  readonly threshold: number;
}

function batchOf(rowCapacity: number, heapBytes: number): Batch {
  const layout = layoutBatch({ schema: SHED_SCHEMA, hasTime: true }, rowCapacity, heapBytes);
  return Batch.allocate(layout, testMemory(1024 * 1024));
}

/** All rows of a look, a batch at a time. */
function rowsOf(rows: ShedRows, timeUs: number, batch = batchOf(64, 4096)): Row[] {
  const found: Row[] = [];
  rows.look(timeUs);
  while (rows.hasMore) {
    batch.reset();
    rows.write(batch);
    expect(batch.rowCount).toBeGreaterThan(0);
    const [time, source, ...rest] = batch.columns;
    const [name, tenant, place, reason, count, value, threshold, offered] = rest;
    for (let row = 0; row < batch.rowCount; row++) {
      found.push({
        time: time!.words[2 * row]!,
        text: [source, name, tenant, place, reason].map((c) => readText(c!, row)).join(' '),
        rows: count!.words[2 * row]!,
        value: value!.f64[row]!,
        offered: offered!.words[2 * row]!,
        threshold: threshold!.f64[row]!,
      });
    }
  }
  return found;
}

describe('rows of what was shed', () => {
  test('tell what has come since the look before, and nothing where nothing has', () => {
    const ledger = new Ledger();
    const { gate, late, rows } = ledger;
    expect(rowsOf(rows, 1)).toEqual([]);
    ledger.addClass('gold');
    ledger.addClass('silver');
    gate.offered.add(0, 100, 1000);
    gate.offered.add(1, 50, 50);
    gate.shed.add(1, 30, 20);
    ledger.threshold = 2.5;
    ledger.publish();
    const text = 'bids silver  gate threshold';
    expect(rowsOf(rows, 2)).toEqual([
      { time: 2, text, rows: 30, value: 20, offered: 50, threshold: 2.5 },
    ]);
    expect(rowsOf(rows, 3)).toEqual([]);
    gate.offered.add(1, 10, 10);
    gate.shed.add(1, 1, 0.5);
    gate.room.add(0, 2, 7);
    late.shed.add(0, 3, 9);
    late.expired.add(1, 4, 4);
    ledger.publish();
    expect(rowsOf(rows, 4).map((row) => [row.text, row.rows, row.value, row.offered])).toEqual([
      ['bids gold  gate room', 2, 7, 0],
      ['bids gold  queue late', 3, 9, 0],
      ['bids silver  gate threshold', 1, 0.5, 10],
      ['bids silver  queue expired', 4, 4, 10],
    ]);
  });

  test('tell of other rows, as many as before, but not of what is rounding', () => {
    const ledger = new Ledger();
    const { gate, rows } = ledger;
    ledger.addClass('gold');
    gate.offered.add(0, 10, 1e6);
    gate.shed.add(0, 0, 1e-7);
    gate.room.add(0, 0, -3);
    ledger.publish();
    expect(rowsOf(rows, 1).map((row) => [row.text, row.rows, row.value])).toEqual([
      ['bids gold  gate room', 0, -3],
    ]);
  });

  test('go on in the next batch when one is full, of rows or of text', () => {
    const ledger = new Ledger();
    const { gate, late, rows } = ledger;
    for (let lane = 0; lane < 40; lane++) {
      ledger.addClass(`a class with a long name ${lane}`);
      gate.shed.add(lane, lane + 1, lane);
      late.expired.add(lane, 1, 0.1);
    }
    const wanted = (1 + 40) * 20 + 40;
    for (const batch of [batchOf(64, 4096), batchOf(64, 64)]) {
      ledger.publish();
      const found = rowsOf(rows, 1, batch);
      expect(found.length).toBe(80);
      expect(found.reduce((sum, row) => sum + row.rows, 0)).toBe(wanted);
      for (let lane = 0; lane < 40; lane++) {
        gate.shed.add(lane, lane + 1, lane);
        late.expired.add(lane, 1, 0.1);
      }
    }
  });

  test('add up to the value of the ledger, whatever was rounded on the way', () => {
    const ledger = new Ledger();
    const { gate, rows } = ledger;
    ledger.addClass('gold');
    let sum = 0;
    for (let look = 0; look < 300; look++) {
      gate.shed.add(0, 1, 0.1 * 7 ** (look % 9));
      ledger.publish();
      for (const row of rowsOf(rows, look)) sum += row.value;
      expect(Math.abs(sum - gate.shed.value(0))).toBeLessThanOrEqual(4e-16 * sum);
    }
  });
});
