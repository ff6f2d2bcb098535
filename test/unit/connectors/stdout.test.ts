import { expect, test } from 'vitest';
import { createStdoutSink } from '../../../src/connectors/stdout/sink.ts';
import { CSV } from '../../conformance/codec-support.ts';
import { idBatch, SINK_SCHEMA, SinkHarness } from '../../conformance/sink.ts';

const failWith = (code: string) => () => {
  throw Object.assign(new Error(`${code}: no`), { code, syscall: 'write' });
};

const open = (write: (bytes: Uint8Array, from: number, to: number) => number) =>
  SinkHarness.open(
    {
      connector: createStdoutSink(write),
      config: { format: CSV },
      received: () => '',
      leftovers: () => [],
    },
    SINK_SCHEMA,
  );

test('a reader that went away is an error that says so', async () => {
  const sink = await open(failWith('EPIPE'));
  await sink.write(idBatch(0, 3));
  const error = {
    code: 'ERR_FILE',
    message: 'standard output was closed by its reader',
    node: 'sink',
  };
  expect(() => sink.flush()).toThrow(expect.objectContaining(error));
  await expect(sink.finish()).rejects.toMatchObject(error);
});

test('another failure is an error', async () => {
  const sink = await open(failWith('EIO'));
  await expect(sink.finish()).rejects.toMatchObject({ code: 'ERR_FILE' });
});

test('flushing writes what there is at once', async () => {
  let text = '';
  const sink = await open((bytes, from, to) => {
    text += Buffer.from(bytes.slice(from, to)).toString();
    return to - from;
  });
  await sink.write(idBatch(0, 1));
  expect(text).toBe('');
  sink.flush();
  expect(text).toBe('id,name\n0,0\n');
});
