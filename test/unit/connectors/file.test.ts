import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { PendingFile } from '../../../src/core/connector.ts';
import { fileSink } from '../../../src/connectors/file/sink.ts';
import { fileSource } from '../../../src/connectors/file/source.ts';
import { SortedRows } from '../../../src/connectors/file/sorted-rows.ts';
import { batchOf, CSV, JSONL, schemaOf } from '../../conformance/codec-support.ts';
import { idBatch, SINK_SCHEMA, SinkHarness } from '../../conformance/sink.ts';
import { makesFolders } from '../../support/folders.ts';
import { SourceHarness } from '../../conformance/source.ts';

const schema = schemaOf({ id: 'int32', name: 'string' });
const directory = makesFolders();

const source = (baseDirectory: string, path: string, gzip = false): SourceHarness =>
  new SourceHarness({
    connector: fileSource,
    config: { path, format: CSV, gzip },
    schema,
    baseDirectory,
  });

describe('source', () => {
  test('a file that is not there is an error that names it', async () => {
    const base = directory();
    for (const gzip of [false, true]) {
      await expect(source(base, 'none.csv', gzip).readAll()).rejects.toMatchObject({
        code: 'ERR_FILE',
        node: 'source',
        message: `cannot open '${base}/none.csv': ENOENT: no such file or directory`,
      });
    }
  });

  test('a directory is an error', async () => {
    const base = directory();
    await expect(source(base, '.').readAll()).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: `cannot read '${base}': EISDIR: it is a directory`,
    });
  });

  test('gzip in several parts is one file', async () => {
    const base = directory();
    const parts = [gzipSync('id,name\n1,a\n2,'), gzipSync('b\n3,c\n')];
    writeFileSync(join(base, 'a.gz'), Buffer.concat(parts));
    const { rows } = await source(base, 'a.gz', true).readAll();
    expect(rows.map((row) => row['id'])).toEqual([1, 2, 3]);
  });

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -20), 'the gzip data ends too early'],
    [
      'no gzip',
      () => Buffer.from('id,name\n1,a\n'),
      'the gzip data is damaged: incorrect header check',
    ],
    ['damaged', (bytes: Buffer) => bytes.fill(0xff, 5000, 5100), 'the gzip data is damaged'],
    ['empty', () => Buffer.alloc(0), 'ends too early'],
  ])('gzip that is %s is an error', async (_name, damage, message) => {
    const base = directory();
    const text = Array.from({ length: 20_000 }, (_, i) => `${i},${Math.sin(i)}\n`).join('');
    writeFileSync(join(base, 'a.gz'), damage(gzipSync(`id,name\n${text}`)));
    await expect(source(base, 'a.gz', true).readAll()).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringContaining(message),
    });
  });

  test('a large file takes no more memory than a small one', async () => {
    const base = directory();
    const line = `1,${'x'.repeat(100)}\n`;
    writeFileSync(join(base, 'large.csv'), `id,name\n${line.repeat(400_000)}`);
    const harness = source(base, 'large.csv');
    const opened = await harness.open();
    const { allocate } = await import('../../conformance/codec-support.ts');
    const batch = allocate(schema, 4096, 1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    let rows = 0;
    let most = 0;
    while (opened.read(batch) !== 'end') {
      rows += batch.rowCount;
      batch.reset();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    rows += batch.rowCount;
    await opened.close();
    expect(rows).toBe(400_000);
    expect(most).toBeLessThan(8 * 1024 * 1024);
  });

  test.each([false, true])('rows of many megabytes (gzip: %s)', async (gzip) => {
    const base = directory();
    const rows = [
      `1,${'x'.repeat(9_000_000)}`,
      '2,y',
      `3,"${`${'z'.repeat(1_000_000)}\n`.repeat(18)}"`,
      '4,y',
      '',
    ];
    const text = `id,name\n${rows.join('\n')}`;
    writeFileSync(join(base, 'a.csv'), gzip ? gzipSync(text) : text);
    const harness = source(base, 'a.csv', gzip);
    const { rows: found, rejects } = await harness.readAll({ heapBytes: 10_000_000 });
    expect(found.map((row) => row['id'])).toEqual([1, 2, 4]);
    // The third row is given up at the end of its first line, and each of its lines is none.
    expect(rejects[0]?.message).toContain('longer than the limit of 16777216 bytes');
    expect(rejects).toHaveLength(19);
  });

  test('a call returns soon, however much there is to pass over', async () => {
    const base = directory();
    writeFileSync(join(base, 'bad.csv'), `id,name\n${'x,y\n'.repeat(100_000)}`);
    const harness = source(base, 'bad.csv');
    const opened = await harness.open();
    const { allocate } = await import('../../conformance/codec-support.ts');
    opened.read(allocate(schema));
    expect(harness.rejects.length).toBeLessThanOrEqual(1024);
    await opened.close();
  });
});

const sinkSubject = (baseDirectory: string, config: object = {}) => ({
  connector: fileSink,
  config: { path: 'out.csv', format: CSV, gzip: false, orderBy: [], ...config },
  baseDirectory,
  received: ([file]: readonly PendingFile[]) => readFileSync(file!.temporaryPath, 'utf8'),
  leftovers: () => readdirSync(baseDirectory),
});

describe('sink', () => {
  test('writes beside the target and leaves the target alone', async () => {
    const base = directory();
    writeFileSync(join(base, 'out.csv'), 'old');
    chmodSync(join(base, 'out.csv'), 0o640);
    const sink = await SinkHarness.open(sinkSubject(base), SINK_SCHEMA);
    await sink.write(idBatch(0, 3));
    const [file] = await sink.finish();
    expect(file?.path).toBe(join(base, 'out.csv'));
    expect(file?.temporaryPath).toMatch(/\/\.out\.csv\.test\.tmp$/);
    expect(readFileSync(join(base, 'out.csv'), 'utf8')).toBe('old');
    expect(statSync(file!.temporaryPath).mode & 0o777).toBe(0o640);
    await sink.abandon();
    expect(readdirSync(base)).toEqual(['out.csv']);
  });

  test('a link stays, what it points to is replaced', async () => {
    const base = directory();
    writeFileSync(join(base, 'real.csv'), 'old');
    symlinkSync('real.csv', join(base, 'out.csv'));
    const sink = await SinkHarness.open(sinkSubject(base), SINK_SCHEMA);
    const [file] = await sink.finish();
    expect(file?.path).toBe(join(base, 'real.csv'));
    await sink.abandon();
  });

  test('what is no regular file is written to as it is', async () => {
    const subject = sinkSubject('/dev', { path: 'null' });
    const sink = await SinkHarness.open(subject, SINK_SCHEMA);
    await sink.write(idBatch(0, 3));
    expect(await sink.finish()).toEqual([]);
    await sink.abandon();
    expect(existsSync('/dev/null')).toBe(true);
  });

  test.each([
    ['is a directory', 'EISDIR', (base: string) => mkdirSync(join(base, 'out.csv'))],
    ['lies in no directory', 'ENOENT', () => undefined],
  ])('a target that %s is an error', async (name, reason, prepare) => {
    const base = directory();
    prepare(base);
    const path = name.startsWith('lies') ? 'none/out.csv' : 'out.csv';
    await expect(SinkHarness.open(sinkSubject(base, { path }), SINK_SCHEMA)).rejects.toMatchObject({
      code: 'ERR_FILE',
      node: 'sink',
      message: expect.stringMatching(new RegExp(`cannot write '${base}/${path}': ${reason}`)),
    });
  });

  test.each([false, true])('a full disk is an error (gzip: %s)', async (gzip) => {
    const sink = await SinkHarness.open(sinkSubject('/dev', { path: 'full', gzip }), SINK_SCHEMA);
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 400; i++) await sink.write(idBatch(i * 100, i * 100 + 100));
      await sink.finish();
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: "cannot write '/dev/full': ENOSPC: no space left on device",
    });
    await sink.abandon();
  });

  test('orderBy sorts by several columns, nulls first, strings by bytes', async () => {
    const all = schemaOf({ k: 'string', n: 'int64', f: 'float64' });
    const rows = [
      { k: 'b', n: 1, f: 1 },
      { k: '😀', n: -1, f: NaN },
      { k: '\uffff', n: 5, f: -0.5 },
      { k: 'B', n: null, f: null },
      { k: null, n: 2n ** 60n, f: Infinity },
      { k: 'b', n: 3, f: 0 },
      { k: 'a longer text than fits b', n: -(2n ** 60n), f: 2 },
      { k: 'a longer text than fits a', n: 7, f: 2 },
    ];
    const order = async (...keys: string[]): Promise<string[]> => {
      const orderBy = keys.map((key) => ({
        column: key.replace('-', ''),
        descending: key.startsWith('-'),
        pointer: '',
      }));
      const subject = sinkSubject(directory(), { orderBy });
      const sink = await SinkHarness.open(subject, all);
      await sink.write(batchOf(all, rows.slice(0, 5)));
      await sink.write(batchOf(all, rows.slice(5)));
      const lines = subject
        .received(await sink.finish())
        .trimEnd()
        .split('\n')
        .slice(1);
      const texts = rows.map(({ k, n, f }) => `${k ?? ''},${n ?? ''},${f ?? ''}`);
      return lines.map((line) => String(texts.indexOf(line)));
    };
    expect(await order('k', '-n')).toEqual(['4', '3', '7', '6', '5', '0', '2', '1']);
    expect(await order('n')).toEqual(['3', '6', '1', '0', '5', '2', '7', '4']);
    expect(await order('-f', 'n')).toEqual(['1', '4', '6', '7', '0', '5', '2', '3']);
  });

  test('orderBy has a limit in bytes', () => {
    const rows = new SortedRows(SINK_SCHEMA, [], 64, 'sink', 20_000);
    expect(() => {
      for (let i = 0; i < 100; i++) rows.add(idBatch(0, 64));
    }).toThrow(expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED', node: 'sink' }));
  });

  test('orderBy keeps rows that are larger than usual', () => {
    const rows = new SortedRows(
      schema,
      [{ column: 'id', descending: true, pointer: '' }],
      64,
      'sink',
    );
    rows.add(
      batchOf(schema, [
        [1, 'x'.repeat(10_000)],
        [2, 'y'],
        [3, 'z'.repeat(9000)],
      ]),
    );
    const found = Array.from(rows.inOrder(), (n) =>
      rows.columnsOf(n)[1]!.viewLength(rows.rowOf(n)),
    );
    expect(found).toEqual([9000, 1, 10_000]);
  });

  test('jsonl has no header', async () => {
    const subject = sinkSubject(directory(), { format: JSONL });
    const sink = await SinkHarness.open(subject, SINK_SCHEMA);
    expect(subject.received(await sink.finish())).toBe('');
  });
});
