/** What a throttle lets pass. */

import { expect, test } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import type { Kernel, Outbox } from '../../../src/core/operator.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { checkTopology } from '../../../src/core/topology/index.ts';
import { soundPlan } from '../../support/kernel/documents.ts';
import { allocateBatch, fillBatch, readRow } from '../../support/kernel/rows.ts';
import { copyState, testContext } from '../../support/kernel/run-kernel.ts';
import { documentOf } from '../core/topology-example.ts';
import { schemaOf } from './aggregate-nodes.ts';

const IN = { name: 'in', schema: schemaOf({ n: 'int32', s: 'string' }), hasTime: true };
const LONG = 'a text that does not fit its view';

/** A throttle, and an outbox with room for so many rows at a time. */
class Link {
  readonly given: number[] = [];
  readonly counts: readonly number[];
  room = Infinity;
  kernel!: Kernel;
  readonly #make: () => Promise<Kernel>;
  readonly #batch = allocateBatch(IN, 64, 8192);
  readonly #slot = allocateBatch(IN, 64, 8192);

  constructor(document: object, instances = 1) {
    const { context, counts } = testContext({ rowCapacity: 64 });
    this.counts = counts;
    const plan = soundPlan({ type: 'throttle', ...document }, [IN]);
    this.#make = async () => createKernel(plan, { ...context, instances });
  }

  async open(): Promise<this> {
    this.kernel = await this.#make();
    return this;
  }

  async renew(): Promise<void> {
    this.kernel = copyState(this.kernel, await this.#make());
  }

  readonly #out: Outbox = {
    offer: (_port: number, batch: Batch) => this.#take(batch),
    claim: () => {
      this.#slot.reset();
      return this.room > 0 ? this.#slot : undefined;
    },
    commit: () => {
      this.room -= this.#slot.rowCount;
      this.#take(this.#slot);
    },
    watermark: () => undefined,
  };

  #take(batch: Batch): void {
    for (let i = 0; i < batch.selected; i++) {
      const { values } = readRow(batch, batch.selection[i]!);
      expect(values[1]).toBe(`${LONG} ${String(values[0])}`);
      this.given.push(Number(values[0]));
    }
  }

  send(nowUs: number, ...numbers: number[]): void {
    this.kernel.onClock!(nowUs);
    fillBatch(
      this.#batch,
      numbers.map((n) => ({ values: [n, `${LONG} ${n}`], timeUs: n })),
    );
    expect(this.kernel.onBatch(0, this.#batch, this.#out)).toBe('done');
  }
}

test('rows above the rate are dropped, those below it never', async () => {
  const link = await new Link({ rate: 1000, burst: 2 }).open();
  link.send(0, 1, 2, 3);
  link.send(500, 4);
  link.send(1000, 5, 6);
  expect(link.given).toEqual([1, 2, 5]);
  expect(link.counts[2]).toBe(3);
  // A pause gives no more than the burst.
  link.send(1_000_000, 7, 8, 9);
  expect(link.given.slice(3)).toEqual([7, 8]);
  link.given.length = 0;
  for (let i = 1; i <= 500; i++) link.send(1_000_000 + 1250 * i, i);
  expect(link.given).toHaveLength(500);
  link.given.length = 0;
  for (let i = 1; i <= 4000; i++) link.send(2_000_000 + 250 * i, i);
  expect(link.given.length).toBeGreaterThanOrEqual(1000);
  expect(link.given.length).toBeLessThanOrEqual(1002);
});

test('tasks have equal shares, and remember what is left of them', async () => {
  const link = await new Link({ rate: 1000, burst: 8 }, 4).open();
  link.send(0, 1);
  await link.renew();
  link.send(0, 2, 3);
  expect(link.given).toEqual([1, 2]);
  link.send(4000, 4, 5);
  expect(link.given).toEqual([1, 2, 4]);
});

test('rows for which there is no room are dropped, and nothing waits', async () => {
  const link = await new Link({ onFull: 'drop' }).open();
  link.room = 1;
  link.send(0, 1);
  link.send(0, 2, 3);
  link.room = 64;
  link.send(0, 4, 5);
  expect(link.given).toEqual([1, 4, 5]);
  expect(link.counts[2]).toBe(2);
});

test('what does nothing is refused', () => {
  const messages = (throttle: object): string[] => {
    const operators = { t: { type: 'throttle', input: 'in', ...throttle } };
    const sinks = { out: { connector: 'discard', input: 't' } };
    const { issues } = checkTopology(documentOf({ operators, sinks }), { env: {} });
    return issues.map(({ message }) => message);
  };
  expect(messages({ rate: 5 })).toEqual([]);
  expect(messages({ onFull: 'drop' })).toEqual([]);
  expect(messages({ onFull: 'block' })[0]).toMatch(/without either it does nothing/);
  expect(messages({ onFull: 'drop', burst: 7 })).toEqual([`it goes with 'rate'`]);
});
