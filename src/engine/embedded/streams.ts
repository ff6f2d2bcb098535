/** Inputs and outputs as streams: the Web's and Node's. Rows are objects there. @module */

import { Readable, Writable } from 'node:stream';
import { ReadableStream, WritableStream } from 'node:stream/web';
import type { RowObject } from '../../rows/row-reader.ts';
import type { Input, InputRow } from './input.ts';
import type { Output } from './output.ts';

/** A Web stream that pushes what is written to it, with back-pressure; closing it closes the input. */
export function webWritable(input: Input): WritableStream<InputRow> {
  return new WritableStream<InputRow>({
    write: (row) => input.push([row]),
    close: () => input.close(),
  });
}

/** A Node stream in object mode that pushes what is written to it; ending it closes the input. */
export function nodeWritable(input: Input): Writable {
  return new Writable({
    objectMode: true,
    write(row: InputRow, _encoding, done) {
      input.push([row]).then(() => done(), done);
    },
    writev(chunks, done) {
      const rows = chunks.map(({ chunk }) => chunk as InputRow);
      input.push(rows).then(() => done(), done);
    },
    final(done) {
      input.close().then(() => done(), done);
    },
  });
}

/** The rows of an output as a Web stream; cancelling it stops the reading, not the engine. */
export function webReadable(output: Output): ReadableStream<RowObject> {
  return ReadableStream.from<RowObject>(rowsOf(output));
}

/** The rows of an output as a Node stream in object mode. */
export function nodeReadable(output: Output): Readable {
  return Readable.from(rowsOf(output), { objectMode: true });
}

async function* rowsOf(output: Output): AsyncGenerator<RowObject, void, undefined> {
  for await (const batch of output) yield* batch;
}
