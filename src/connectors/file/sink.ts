/**
 * Writes a file as CSV or JSON Lines; see `output.ts` for when it becomes visible.
 *
 * With `orderBy` the rows are kept in memory up to a limit and written in order at the end.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { PendingFile, Sink, SinkConnector, SinkContext } from '../../core/connector.ts';
import type { FileSink as FileSinkConfig } from '../../core/topology/model.ts';
import type { RowEncoder } from '../../rows/encode/row-encoder.ts';
import { createEncoder } from '../codecs/formats.ts';
import { ByteWriter } from '../../rows/values/byte-writer.ts';
import { GzipOutput } from './gzip-output.ts';
import type { Output } from './output.ts';
import { OutputFile } from './output.ts';
import { resolvePath } from './paths.ts';
import { SortedRows } from './sorted-rows.ts';

/** The parts of a sink's configuration that writing a file needs. */
export type FileSinkSettings = Pick<FileSinkConfig, 'path' | 'format' | 'gzip' | 'orderBy'>;

/** Bytes that are handed to the file at once. */
const BLOCK_BYTES = 256 * 1024;

/** `connector: "file"`, writing. */
export const fileSink: SinkConnector = {
  name: 'file',

  needsEventLoop(config: unknown): boolean {
    return (config as FileSinkSettings).gzip;
  },

  /** @throws MillraceError `ERR_FILE` when the file cannot be written there */
  open(config: unknown, context: SinkContext): Sink {
    const { path, format, gzip, orderBy } = config as FileSinkSettings;
    const { node, stream, rowCapacity } = context;
    const file = new OutputFile(resolvePath(context.baseDirectory, path), node, context.runId);
    const output = gzip ? new GzipOutput(file, node, context.wake) : file;
    const sink = new FileSink(createEncoder(format, stream.schema), output);
    if (orderBy.length === 0) return sink;
    return new SortingSink(new SortedRows(stream.schema, orderBy, rowCapacity, node), sink);
  },
};

/** Encodes rows as they come. */
class FileSink implements Sink {
  readonly #encoder: RowEncoder;
  readonly #output: Output;
  readonly #buffer = new ByteWriter(BLOCK_BYTES + BLOCK_BYTES / 4);
  /** Rows of the batch at hand that were taken before the output blocked. */
  #taken = 0;

  constructor(encoder: RowEncoder, output: Output) {
    this.#encoder = encoder;
    this.#output = output;
    encoder.writeHeader(this.#buffer);
  }

  write(batch: Batch): 'done' | 'blocked' {
    if (!this.#output.isReady()) return 'blocked';
    const { columns, selection, selected } = batch;
    for (let i = this.#taken; i < selected; i++) {
      if (this.writeRow(columns, selection[i]!) === 'done') continue;
      this.#taken = i + 1;
      return 'blocked';
    }
    this.#taken = 0;
    return 'done';
  }

  /** Takes one row. `blocked`: it was taken, but no more should come before {@link isReady}. */
  writeRow(columns: readonly Column[], row: number): 'done' | 'blocked' {
    this.#encoder.writeRow(this.#buffer, columns, row);
    return this.#buffer.length >= BLOCK_BYTES ? this.#emit() : 'done';
  }

  /** Whether the file takes more now. */
  isReady(): boolean {
    return this.#output.isReady();
  }

  flush(): void {
    if (this.#buffer.length > 0 && this.#output.isReady()) this.#emit();
  }

  finish(): Promise<readonly PendingFile[]> | readonly PendingFile[] {
    this.#emit();
    return this.#output.finish();
  }

  abandon(): void {
    this.#output.abandon();
  }

  #emit(): 'done' | 'blocked' {
    const progress = this.#output.write(this.#buffer.bytes, this.#buffer.length);
    this.#buffer.clear();
    return progress;
  }
}

/** Keeps the rows until all are there, then passes them on in order. */
class SortingSink implements Sink {
  readonly #rows: SortedRows;
  readonly #sink: FileSink;

  constructor(rows: SortedRows, sink: FileSink) {
    this.#rows = rows;
    this.#sink = sink;
  }

  /** @throws MillraceError `ERR_LIMIT_EXCEEDED` when the rows take too much memory */
  write(batch: Batch): 'done' {
    this.#rows.add(batch);
    return 'done';
  }

  flush(): void {}

  async finish(): Promise<readonly PendingFile[]> {
    const rows = this.#rows;
    for (const number of rows.inOrder()) {
      if (this.#sink.writeRow(rows.columnsOf(number), rows.rowOf(number)) === 'done') continue;
      // A compressed file takes more once the thread pool has packed what it has.
      while (!this.#sink.isReady()) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return await this.#sink.finish();
  }

  abandon(): void {
    this.#sink.abandon();
  }
}
