import { channel } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { Millrace, nodeReadable, nodeWritable, webReadable, webWritable } from '../../src/index.ts';

const topology = {
  version: 1,
  name: 'streams',
  sources: { numbers: { connector: 'embedded', schema: { n: 'int32' } } },
  operators: { odd: { type: 'filter', input: 'numbers', where: 'MOD(n, 2) = 1' } },
  sinks: { out: { input: 'odd', connector: 'embedded' } },
};

function* numbers(count: number): Generator<{ n: number }> {
  for (let n = 0; n < count; n++) yield { n };
}

const ROWS = 20_000;
const expected = Array.from({ length: ROWS / 2 }, (_, i) => 2 * i + 1);

test('Node streams in and out, with more rows than the rings hold', async () => {
  await using engine = await Millrace.start(topology, { workers: 1 });
  const found: number[] = [];
  const reading = (async () => {
    for await (const row of nodeReadable(engine.output('out')))
      found.push((row as { n: number }).n);
  })();
  await pipeline(Readable.from(numbers(ROWS)), nodeWritable(engine.input('numbers')));
  await reading;
  expect(found).toEqual(expected);
  expect((await engine.completed).status).toBe('completed');
});

test('Web streams in and out', async () => {
  await using engine = await Millrace.start(topology, { workers: 2 });
  const reading = Array.fromAsync(
    webReadable(engine.output('out')) as AsyncIterable<{ n: number }>,
  );
  await ReadableStream.from(numbers(ROWS)).pipeTo(webWritable(engine.input('numbers')));
  expect((await reading).map((row) => row.n)).toEqual(expected);
});

test('the life of a run is told to diagnostics channels', async () => {
  const told: unknown[] = [];
  const listen = (message: unknown, name: string | symbol): void => void told.push([name, message]);
  const names = ['millrace:start', 'millrace:end', 'millrace:error'];
  for (const name of names) channel(name).subscribe(listen);
  try {
    await using engine = await Millrace.start(topology, { workers: 1 });
    await engine.drain();
    expect(told).toEqual([
      ['millrace:start', { name: 'streams', workers: 1 }],
      ['millrace:end', { name: 'streams', summary: await engine.completed }],
    ]);
  } finally {
    for (const name of names) channel(name).unsubscribe(listen);
  }
});
