import { expect, test } from 'vitest';
import { VALUE_LAWS, drawer, uniformFrom } from '../../../bench/workloads/overload/values.ts';
import { IngressGate, QueueContents } from '../../../src/admission/index.ts';

const ROWS = 20_000;

test.each(VALUE_LAWS)('%s: the rows kept are worth what the best of as many are', (law) => {
  const draw = drawer(law, uniformFrom(8));
  const values = Float64Array.from({ length: ROWS }, draw);
  const best = values.toSorted().toReversed();
  for (const fraction of [0.8, 0.5, 0.2, 0.1, 0.02]) {
    const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(1)), 1);
    const workMs = [Float64Array.of(1)];
    const gate = new IngressGate({ lanes: 1, paths: [{ workMs }], contents });
    gate.reprice(Float64Array.of(best[Math.floor(fraction * ROWS)]!), true);
    const rows = Uint32Array.from(values.keys());
    const batch = { values, words: new Int32Array(values.buffer), tags: new Int32Array(ROWS) };
    const kept = gate.admit(batch, rows, ROWS, Infinity);
    // As many as the threshold says, up to its bin, of which a part is kept by chance.
    expect(Math.abs(kept / ROWS - fraction)).toBeLessThan(0.01 + 0.02 * fraction);
    const value = rows.subarray(0, kept).reduce((sum, row) => sum + values[row]!, 0);
    const most = best.subarray(0, kept).reduce((sum, each) => sum + each, 0);
    expect(value / most).toBeGreaterThan(0.98);
    expect(gate.shed.rows).toBe(ROWS - kept);
  }
});
