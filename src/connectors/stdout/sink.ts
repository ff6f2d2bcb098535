/**
 * Writes rows to standard output as CSV or JSON Lines.
 *
 * A reader that is slower than we are is waited for on the event loop; one that goes away ends the
 * run with `ERR_FILE`.
 *
 * @module
 */

import { writeSync } from 'node:fs';

import type { Batch } from '../../core/batch.ts';
import type { PendingFile, Sink, SinkConnector, SinkContext } from '../../core/connector.ts';
import { MillraceError } from '../../core/errors.ts';
import type { StdoutSink as StdoutSinkConfig } from '../../core/topology/model.ts';
import type { RowEncoder } from '../../rows/encode/row-encoder.ts';
import { createEncoder } from '../codecs/formats.ts';
import { fileError } from '../file/paths.ts';
import { ByteWriter } from '../../rows/values/byte-writer.ts';

/** The parts of a sink's configuration that writing to standard output needs. */
export type StdoutSinkSettings = Pick<StdoutSinkConfig, 'format'>;

/** Writes some of `bytes[from, to)` and returns how many; throws a system error. */
export type WriteBytes = (bytes: Uint8Array, from: number, to: number) => number;

const STDOUT_FD = 1;
/** Bytes that are collected before they are written. */
const BLOCK_BYTES = 64 * 1024;
/** Time after which a reader that was not ready is tried again. */
const RETRY_MS = 2;

/** `connector: "stdout"`. */
export const stdoutSink: SinkConnector = createStdoutSink((bytes, from, to) =>
  writeSync(STDOUT_FD, bytes, from, to - from),
);

/** The connector with another way to write, for tests. */
export function createStdoutSink(writeBytes: WriteBytes): SinkConnector {
  return {
    name: 'stdout',
    needsEventLoop: () => true,
    open(config: unknown, context: SinkContext): Sink {
      const { format } = config as StdoutSinkSettings;
      return new StdoutSink(createEncoder(format, context.stream.schema), writeBytes, context);
    },
  };
}

class StdoutSink implements Sink {
  readonly #encoder: RowEncoder;
  readonly #writeBytes: WriteBytes;
  readonly #context: SinkContext;
  readonly #buffer = new ByteWriter(2 * BLOCK_BYTES);
  /** Bytes of the buffer that were written. */
  #written = 0;
  /** Rows of the batch at hand that were taken before the reader was too slow. */
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;
  #error: MillraceError | undefined;

  constructor(encoder: RowEncoder, writeBytes: WriteBytes, context: SinkContext) {
    this.#encoder = encoder;
    this.#writeBytes = writeBytes;
    this.#context = context;
    encoder.writeHeader(this.#buffer);
  }

  write(batch: Batch): 'done' | 'blocked' {
    if (this.#buffer.length >= BLOCK_BYTES && !this.#drain()) return 'blocked';
    const { columns, selection, selected } = batch;
    for (let i = this.#taken; i < selected; i++) {
      this.#encoder.writeRow(this.#buffer, columns, selection[i]!);
      if (this.#buffer.length >= BLOCK_BYTES && !this.#drain()) {
        this.#taken = i + 1;
        return 'blocked';
      }
    }
    this.#taken = 0;
    return 'done';
  }

  flush(): void {
    this.#drain();
  }

  async finish(): Promise<readonly PendingFile[]> {
    while (!this.#drain()) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    this.abandon();
    return [];
  }

  abandon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Writes what is in the buffer.
   *
   * @returns false when the reader does not take it all now; a timer then tries again
   * @throws MillraceError `ERR_FILE`
   */
  #drain(): boolean {
    if (this.#error !== undefined) throw this.#error;
    const buffer = this.#buffer;
    try {
      while (this.#written < buffer.length) {
        this.#written += this.#writeBytes(buffer.bytes, this.#written, buffer.length);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw this.#fail(error);
      this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS);
      return false;
    }
    buffer.clear();
    this.#written = 0;
    return true;
  }

  #retry(): void {
    this.#timer = undefined;
    try {
      if (this.#drain()) this.#context.wake();
    } catch {
      this.#context.wake(); // the error is thrown from the call that follows
    }
  }

  #fail(error: unknown): MillraceError {
    const isClosed = (error as NodeJS.ErrnoException).code === 'EPIPE';
    const { node } = this.#context;
    this.#error = isClosed
      ? new MillraceError('ERR_FILE', 'standard output was closed by its reader', {
          node,
          cause: error,
        })
      : fileError('write', 'standard output', error, node);
    return this.#error;
  }
}
