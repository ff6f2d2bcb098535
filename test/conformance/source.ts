/** What every source must do, whatever its connector. */

import { testMemory } from '../support/memory.ts';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { BadRow, Source, SourceConnector } from '../../src/core/connector.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { RowObject } from '../../src/rows/row-reader.ts';
import { allocate, rowsOf } from './codec-support.ts';

/** A source to be tested. */
export interface SourceSubject {
  readonly connector: SourceConnector;
  readonly config: unknown;
  readonly schema: Schema;
  readonly timeColumn?: number;
  readonly baseDirectory?: string;
}

/** How a test reads. */
export interface ReadOptions {
  readonly rowCapacity?: number;
  readonly heapBytes?: number;
  /** Hand the batch on only when it is full, so that calls append to rows that are there. */
  readonly isPatient?: boolean;
  readonly clock?: Clock;
  readonly canReject?: () => boolean;
}

/** What came of reading. */
export interface ReadResult {
  readonly rows: RowObject[];
  readonly rejects: BadRow[];
  /** `read` calls that said `wait`. */
  readonly waits: number;
}

const realClock: Clock = {
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  monotonicMs: () => performance.now(),
};

/** Opens a source, and lets a test see its wakes and rejects. */
export class SourceHarness {
  readonly rejects: BadRow[] = [];
  readonly subject: SourceSubject;
  source: Source | undefined;
  #woken: (() => void) | undefined;
  #wakes = 0;
  #parts = 0;
  /** Calls of `wake`, which comes from callbacks; those of `wakeAfter` left out. */
  wakesByItself = 0;

  constructor(subject: SourceSubject) {
    this.subject = subject;
  }

  async open(options: ReadOptions = {}): Promise<Source> {
    const { connector, config, schema, timeColumn = -1, baseDirectory = '/' } = this.subject;
    const wake = (): void => {
      this.#wakes++;
      this.#woken?.();
    };
    this.source = await connector.open(config, {
      node: 'source',
      instance: 0,
      instances: 1,
      nextPart: () => this.#parts++,
      rowCapacity: options.rowCapacity ?? 64,
      stream: { schema, hasTime: timeColumn >= 0 },
      timeColumn,
      clock: options.clock ?? realClock,
      baseDirectory,
      memory: testMemory(),
      reject: (row) => this.rejects.push(row),
      canReject: options.canReject ?? (() => true),
      wake: () => {
        this.wakesByItself++;
        wake();
      },
      wakeAfter: (delayMs) => void setTimeout(wake, delayMs),
    });
    return this.source;
  }

  /** Resolves at the next wake, at once if one came since the last call. */
  async wake(): Promise<void> {
    if (this.#wakes === 0) await new Promise<void>((resolve) => (this.#woken = resolve));
    this.#wakes = 0;
  }

  /** Reads until the end and closes. */
  async readAll(options: ReadOptions = {}): Promise<ReadResult> {
    const source = await this.open(options);
    const batch = allocate(this.subject.schema, options.rowCapacity, options.heapBytes);
    const rows: RowObject[] = [];
    let waits = 0;
    const handOn = (): void => {
      rows.push(...rowsOf(batch, this.subject.schema));
      batch.reset();
    };
    try {
      for (;;) {
        const before = batch.rowCount;
        const progress = source.read(batch);
        checkBatch(batch, before);
        const isStuck = batch.rowCount === before && before > 0;
        const isFull = batch.rowCount === batch.rowCapacity || isStuck;
        if (options.isPatient !== true || isFull || progress !== 'more') handOn();
        if (progress === 'end') return { rows, rejects: this.rejects, waits };
        if (progress !== 'wait') continue;
        waits++;
        await this.wake();
      }
    } finally {
      await source.close();
    }
  }
}

function checkBatch(batch: Batch, before: number): void {
  expect(batch.rowCount).toBeGreaterThanOrEqual(before);
  expect(batch.rowCount).toBeLessThanOrEqual(batch.rowCapacity);
  expect(batch.selected).toBe(batch.rowCount);
  for (const column of batch.columns) {
    let nulls = 0;
    for (let row = 0; row < batch.rowCount; row++) nulls += Number(column.isNull(row));
    expect(column.nullCount).toBe(nulls);
  }
}

/**
 * @param makeSubject - makes the source anew for each test
 * @param check - looks at the rows of the subject, which are few
 */
export function describeSource(
  name: string,
  makeSubject: () => SourceSubject,
  check: (rows: readonly RowObject[]) => void,
): void {
  const readAll = (options?: ReadOptions): Promise<ReadResult> =>
    new SourceHarness(makeSubject()).readAll(options);

  describe(`${name}: source conformance`, () => {
    test('gives its rows, then ends', async () => {
      const { rows, rejects } = await readAll();
      expect(rejects).toEqual([]);
      expect(rows.length).toBeGreaterThan(0);
      check(rows);
    });

    test('gives the same rows again', async () => {
      expect((await readAll()).rows).toEqual((await readAll()).rows);
    });

    test('gives the same rows to batches of any size, full or not', async () => {
      const { rows } = await readAll();
      for (const options of [
        { rowCapacity: 64, isPatient: true },
        { rowCapacity: 128 },
        { rowCapacity: 4096, isPatient: true },
        { rowCapacity: 4096, heapBytes: 192, isPatient: true },
        { rowCapacity: 64, heapBytes: 128 },
      ]) {
        expect((await readAll(options)).rows, JSON.stringify(options)).toEqual(rows);
      }
    });

    test('says whether it needs an event loop before it is opened', () => {
      const { connector, config } = makeSubject();
      expect(typeof connector.needsEventLoop(config)).toBe('boolean');
      expect(connector.name).not.toBe('');
    });

    test('waits for the event loop only if it says so', async () => {
      const harness = new SourceHarness(makeSubject());
      await harness.readAll({ rowCapacity: 64 });
      const { connector, config } = harness.subject;
      const says = connector.needsEventLoop(config) || harness.source!.needsEventLoop === true;
      if (!says) expect(harness.wakesByItself).toBe(0);
    });

    test('can be closed before it has ended, and unread', async () => {
      const unread = await new SourceHarness(makeSubject()).open();
      await unread.close();
      const subject = makeSubject();
      const started = await new SourceHarness(subject).open();
      started.read(allocate(subject.schema));
      await started.close();
    });
  });
}
