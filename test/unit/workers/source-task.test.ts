/** How much a source is read into one batch. */

import { expect, test } from 'vitest';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import type { Batch } from '../../../src/core/batch.ts';
import { SimulatedClock } from '../../../src/core/clock.ts';
import { Column } from '../../../src/core/column.ts';
import type { SourceProgress } from '../../../src/core/connector.ts';
import { KernelMemory } from '../../../src/core/memory.ts';
import { INT32 } from '../../../src/core/types.ts';
import type { SeqlockWriter } from '../../../src/ringbuf/index.ts';
import { StopMode } from '../../../src/ringbuf/index.ts';
import type { Edge } from '../../../src/workers/thread/flow.ts';
import { TaskOutbox } from '../../../src/workers/thread/outbox.ts';
import { TaskMetrics } from '../../../src/workers/thread/task-metrics.ts';
import { SourceTask, type SourceTaskParts } from '../../../src/workers/thread/tasks/source-task.ts';
import { TaskMetric } from '../../../src/workers/protocol.ts';

const ROWS = 1024;

interface Read {
  readonly batch: Batch;
  /** How many reads there were before. */
  readonly calls: number;
  readonly metrics: TaskMetrics;
}

/** Runs a source once; the sizes of the batches it gave. */
function sizesOf(
  read: (of: Read) => SourceProgress,
  { deadlineMs = Infinity, stopMode = (): number => StopMode.RUN } = {},
): readonly number[] {
  const memory = KernelMemory.create(1 << 20);
  const layout = layoutBatch({ schema: [{ name: 'n', type: INT32 }], hasTime: false }, ROWS, 0);
  const metrics = new TaskMetrics({ write: () => undefined } as unknown as SeqlockWriter, 0);
  const sizes: number[] = [];
  const edge = {
    offer: (batch) => void sizes.push(batch.selected),
    watermark: () => undefined,
    end: () => undefined,
    isIdle: () => true,
    pump: () => false,
    flush: () => false,
  } satisfies Edge;
  const outbox = new TaskOutbox([{ name: 'out', layout, edges: [edge] }], metrics, memory);
  const parts = {
    id: 0,
    node: 's',
    role: { timeColumn: -1, latenessUs: 0, idleAfterUs: undefined },
    outbox,
    metrics,
    control: { stopMode, enter: () => undefined },
    clock: new SimulatedClock(0),
    pacing: { mayRead: () => true, announce: () => undefined },
    memory,
  } as unknown as SourceTaskParts;
  let calls = 0;
  const task = new SourceTask(parts, {
    read: (batch) => read({ batch, calls: calls++, metrics }),
    close: () => undefined,
  });
  for (let turns = 0; turns < 100 && !task.hasEnded(); turns++) {
    if (!task.run(deadlineMs)) break;
  }
  return sizes;
}

/** Adds rows, as many as there is room for. */
function add({ batch }: Read, rows: number): void {
  batch.setRowCount(Math.min(batch.rowCapacity, batch.rowCount + rows));
}

test('few rows a read are gathered until a read more might not fit', () => {
  const give = (read: Read): SourceProgress => {
    add(read, 100);
    return read.calls < 24 ? 'more' : 'end';
  };
  expect(sizesOf(give)).toEqual([1000, 1000, 500]);
});

test('what is there is handed on when there is nothing more', () => {
  const give = (read: Read): SourceProgress => {
    if (read.calls === 5) return 'wait';
    add(read, 10);
    return 'more';
  };
  expect(sizesOf(give)).toEqual([50]);
  // A source that has none for now is asked no more often than before.
  expect(sizesOf(({ calls }) => (calls === 0 ? 'more' : 'end'))).toEqual([]);
});

test('a read is one batch once the time of the head is over, or the engine stops', () => {
  const give = (read: Read): SourceProgress => {
    add(read, 100);
    return read.calls < 3 ? 'more' : 'end';
  };
  expect(sizesOf(give, { deadlineMs: 0 })).toEqual([100, 100, 100, 100]);
  let looks = 0;
  const stopMode = (): number => (looks++ === 0 ? StopMode.RUN : StopMode.DRAIN);
  expect(sizesOf(give, { stopMode })).toEqual([100]);
});

test('a batch that shows columns of the source is handed on before the next read', () => {
  const shown = Column.allocate(INT32, ROWS);
  const give = (read: Read): SourceProgress => {
    expect(read.batch.show(0, shown, 100)).toBe(true);
    add(read, 100);
    return read.calls < 2 ? 'more' : 'end';
  };
  expect(sizesOf(give)).toEqual([100, 100, 100]);
});

test('a batch is handed on where a row was refused', () => {
  const give = (read: Read): SourceProgress => {
    add(read, 100);
    if (read.calls === 1) read.metrics.add(TaskMetric.REJECTED, 1);
    return read.calls < 3 ? 'more' : 'end';
  };
  expect(sizesOf(give)).toEqual([200, 200]);
});
