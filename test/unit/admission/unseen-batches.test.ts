/** Batches that pass a gate without a look: the ledger has them all, and what is looked at stands for them. */
import { expect, test } from 'vitest';
import { IngressGate, QueueContents, type ValuedRows } from '../../../src/admission/index.ts';
import { uniformFrom } from '../../../bench/workloads/overload/values.ts';

const ROWS = 700;
const BATCHES = 330;

test('what passes unseen is in the ledger, and in what was offered by value once the next batch is looked at', () => {
  const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(1)), 1);
  const gate = new IngressGate({ lanes: 1, paths: [{ workMs: [Float64Array.of(1)] }], contents });
  gate.reprice(Float64Array.of(0), false);
  const values = new Float64Array(ROWS);
  const batch: ValuedRows = {
    values,
    words: new Int32Array(values.buffer),
    tags: new Int32Array(ROWS),
  };
  const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);
  const draw = uniformFrom(1);
  let offered = 0;
  let value = 0;
  for (let b = 0; b < BATCHES; b++) {
    // Of every size, also those of which every fourth row is looked at.
    const count = 1 + Math.floor(draw() * ROWS);
    let total = 0;
    for (let row = 0; row < count; row++) total += values[row] = draw();
    offered += count;
    value += total;
    const isSeen = b % 11 === 10;
    if (isSeen) expect(gate.pass(batch, rows, count, total)).toBe(true);
    else gate.passUnseen(batch, rows, count, b % 2 === 0 ? total : Number.NaN);
    expect([gate.offered.rows, gate.sequence]).toEqual([offered, offered]);
    if (!isSeen) continue;
    // But for what does not go into whole numbers, which the next look takes over.
    const seen = contents.offered.reduce((sum, of) => sum + of, 0);
    expect(offered - seen).toBeGreaterThanOrEqual(0);
    expect(offered - seen).toBeLessThan(256);
  }
  expect(gate.offered.total).toBeCloseTo(value, 6);
});
