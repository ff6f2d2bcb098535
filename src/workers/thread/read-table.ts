/** Reading a file whole, for an operator that keeps a table. @module */

import { layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import type { Source } from '../../core/connector.ts';
import { MillraceError } from '../../core/errors.ts';
import { appendColumns } from '../../core/gather.ts';
import { type KernelMemory, ownMemory } from '../../core/memory.ts';
import type { TableFile } from '../../core/topology/model.ts';
import { loadSourceConnector } from '../../connectors/registry.ts';
import { describeBadRow } from './tasks/dead-letters.ts';

/** Who reads, and how much it may be. */
export interface TableReader {
  readonly node: string;
  readonly clock: Clock;
  readonly baseDirectory: string;
  readonly limitBytes: number;
  /** Takes the table, unless it is large. */
  readonly memory: KernelMemory;
  /** Called now and then: a long file is no sign of a lost worker. */
  beat(): void;
}

const PART_ROWS = 4096;
const PART_HEAP_BYTES = 1024 * 1024;
/** A table this large would leave too little of the worker's memory for computed columns. */
const MOST_SHARED_BYTES = 8 * 1024 * 1024;

/** See `KernelContext.readTable`. */
export async function readTable(table: TableFile, reader: TableReader): Promise<Batch> {
  const layout = layoutBatch(streamOf(table), PART_ROWS, PART_HEAP_BYTES);
  let woken = Promise.withResolvers<void>();
  const connector = await loadSourceConnector('file');
  let nextPart = 0;
  const source = await connector.open(table, {
    node: reader.node,
    instance: 0,
    instances: 1,
    nextPart: () => nextPart++,
    stream: streamOf(table),
    timeColumn: -1,
    clock: reader.clock,
    baseDirectory: reader.baseDirectory,
    memory: reader.memory,
    rowCapacity: PART_ROWS,
    reject: (row) => {
      throw new MillraceError('ERR_BAD_ROW', describeBadRow(row), { node: reader.node });
    },
    canReject: () => true,
    wake: () => woken.resolve(),
    wakeAfter: (delayMs) => void setTimeout(() => woken.resolve(), delayMs),
  });
  const parts: Batch[] = [];
  let bytes = 0;
  try {
    for (;;) {
      reader.beat();
      const part = Batch.allocate(layout);
      part.reset();
      const progress = fill(part, source);
      if (part.rowCount > 0) parts.push(part);
      bytes += (part.rowCount / PART_ROWS) * (layout.slotBytes - PART_HEAP_BYTES) + part.heap.used;
      if (bytes > reader.limitBytes) throw tooLarge(table, reader);
      if (progress === 'end') return join(table, parts, reader.memory);
      if (progress !== 'wait') continue;
      await woken.promise;
      woken = Promise.withResolvers<void>();
    }
  } finally {
    await source.close();
  }
}

function streamOf({ schema }: TableFile): { schema: TableFile['schema']; hasTime: boolean } {
  return { schema, hasTime: false };
}

/** Reads until the part is full, or the source waits or ends. */
function fill(part: Batch, source: Source): 'more' | 'wait' | 'end' {
  for (;;) {
    const before = part.rowCount;
    const progress = source.read(part);
    const isFull = part.rowCount === part.rowCapacity;
    if (progress !== 'more' || isFull || (before > 0 && part.rowCount === before)) return progress;
  }
}

function join(table: TableFile, parts: readonly Batch[], memory: KernelMemory): Batch {
  const rows = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const heapBytes = parts.reduce((sum, part) => sum + part.heap.used, 0);
  const capacity = Math.max(64, Math.ceil(rows / 64) * 64);
  const layout = layoutBatch(streamOf(table), capacity, heapBytes);
  const isSmall = layout.slotBytes <= MOST_SHARED_BYTES;
  const whole = Batch.allocate(layout, isSmall ? memory : ownMemory);
  whole.reset();
  for (const part of parts) {
    appendColumns(whole, part.columns, part.selection, 0, part.rowCount);
  }
  return whole;
}

function tooLarge({ path }: TableFile, { node, limitBytes }: TableReader): MillraceError {
  const message = `the table ${path} takes more than the limit of the node's state, ${limitBytes} bytes`;
  return new MillraceError('ERR_LIMIT_EXCEEDED', message, { node });
}
