/** What every sink must do, whatever its connector. */

import { describe, expect, test } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import type { PendingFile, Sink, SinkConnector } from '../../src/core/connector.ts';
import type { Schema } from '../../src/core/schema.ts';
import { batchOf, schemaOf } from './codec-support.ts';

/** A sink to be tested. */
export interface SinkSubject {
  readonly connector: SinkConnector;
  readonly config: unknown;
  readonly baseDirectory?: string;
  /** The text that arrived, after `finish`; `undefined` where none can be seen. */
  readonly received: (pending: readonly PendingFile[]) => string | undefined;
  /** Looks for what must not be left behind after `abandon`. */
  readonly leftovers: () => readonly string[];
}

/** Opens a sink and waits for it where it blocks. */
export class SinkHarness {
  blocks = 0;
  readonly #sink: Sink;
  readonly #wakes: { count: number; woken?: () => void };

  private constructor(sink: Sink, wakes: { count: number }) {
    this.#sink = sink;
    this.#wakes = wakes;
  }

  static async open(subject: SinkSubject, schema: Schema): Promise<SinkHarness> {
    const wakes: { count: number; woken?: () => void } = { count: 0 };
    const sink = await subject.connector.open(subject.config, {
      node: 'sink',
      stream: { schema, hasTime: false },
      baseDirectory: subject.baseDirectory ?? '/',
      rowCapacity: 64,
      runId: 'test',
      wake: () => {
        wakes.count++;
        wakes.woken?.();
      },
    });
    return new SinkHarness(sink, wakes);
  }

  async write(batch: Batch): Promise<void> {
    while (this.#sink.write(batch) === 'blocked') {
      this.blocks++;
      if (this.#wakes.count === 0) {
        await new Promise<void>((resolve) => (this.#wakes.woken = resolve));
      }
      this.#wakes.count = 0;
    }
  }

  flush(): void {
    this.#sink.flush();
  }

  finish(): Promise<readonly PendingFile[]> {
    return Promise.resolve(this.#sink.finish());
  }

  abandon(): Promise<void> {
    return Promise.resolve(this.#sink.abandon());
  }
}

export const SINK_SCHEMA = schemaOf({ id: 'int32', name: 'string' });

/** A batch with the ids `from` to `to`, not included, and long names. */
export function idBatch(from: number, to: number): Batch {
  const rows = Array.from({ length: to - from }, (_, i) => ({
    id: from + i,
    name: `${'a long name '.repeat((from + i) % 7)}${from + i}`,
  }));
  return batchOf(SINK_SCHEMA, rows);
}

/**
 * @param makeSubject - makes the sink anew for each test
 * @param readIds - the ids in what was received, in order
 */
export function describeSink(
  name: string,
  makeSubject: () => SinkSubject,
  readIds: (text: string) => number[],
): void {
  const run = async (
    batches: readonly Batch[],
    isFlushed = false,
  ): Promise<number[] | undefined> => {
    const subject = makeSubject();
    const sink = await SinkHarness.open(subject, SINK_SCHEMA);
    for (const batch of batches) {
      await sink.write(batch);
      if (isFlushed) sink.flush();
    }
    const text = subject.received(await sink.finish());
    return text === undefined ? undefined : readIds(text);
  };
  const expectIds = (found: number[] | undefined, wanted: readonly number[]): void => {
    if (found !== undefined) expect(found).toEqual(wanted);
  };
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

  describe(`${name}: sink conformance`, () => {
    test('passes on all rows in order', async () => {
      const batches = upTo(200).map((i) => idBatch(i * 100, i * 100 + 100));
      expectIds(await run(batches), upTo(20_000));
    });

    test('passes on the same rows when it is flushed now and then', async () => {
      expectIds(await run([idBatch(0, 10), idBatch(10, 11), idBatch(11, 40)], true), upTo(40));
    });

    test('passes on selected rows only', async () => {
      const batch = idBatch(0, 10);
      batch.selection = Uint32Array.of(2, 5, 9);
      batch.selected = 3;
      const nothing = idBatch(0, 10);
      nothing.selected = 0;
      expectIds(await run([batch, nothing, idBatch(50, 51)]), [2, 5, 9, 50]);
    });

    test('can be given nothing', async () => {
      expectIds(await run([]), []);
    });

    test('leaves nothing behind when it is abandoned, early or late', async () => {
      const early = makeSubject();
      const unwritten = await SinkHarness.open(early, SINK_SCHEMA);
      await unwritten.abandon();
      expect(early.leftovers()).toEqual([]);
      const late = makeSubject();
      const finished = await SinkHarness.open(late, SINK_SCHEMA);
      await finished.write(idBatch(0, 50));
      await finished.finish();
      await finished.abandon();
      expect(late.leftovers()).toEqual([]);
    });
  });
}
