/** What a source of the user may do, and how it is told what it may not. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { moduleSource } from '../../../src/connectors/module/source.ts';
import { allocate, schemaOf } from '../../conformance/codec-support.ts';
import { SourceHarness } from '../../conformance/source.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'millrace-module-source-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function harnessOf(open: string): SourceHarness {
  const module = `source${files++}.mjs`;
  writeFileSync(path.join(folder, module), `export const open = ${open};`);
  return new SourceHarness({
    connector: moduleSource,
    config: { module, export: 'open', options: {} },
    schema: schemaOf({ at: 'timestamp', n: 'int64' }),
    timeColumn: 0,
    baseDirectory: folder,
  });
}

describe('a source that', () => {
  test.each([
    ['throws when it is opened', '() => { throw new Error("no luck"); }', 'no luck'],
    ['is rejected', 'async () => { throw new Error("no luck"); }', 'no luck'],
    ['is nothing', '() => undefined', 'read'],
    ['is null', '() => null', 'read'],
    ['has nothing to read', '() => ({ write() {} })', 'read'],
    ['throws when it is read', '() => ({ read() { throw new RangeError("boom"); } })', 'boom'],
    ['throws what has no text', '() => ({ read() { throw Object.create(null); } })', 'no text'],
    ['returns nothing', '() => ({ read() {} })', 'undefined'],
    ['returns another word', '() => ({ read: () => "done" })', '"done"'],
    ['is asynchronous', '() => ({ read: async () => "end" })', 'asynchronous'],
    ['waits for nobody', '() => ({ read: () => "wait" })', 'wakeAfter'],
    ['takes rows back', '() => ({ read(b) { b.setRowCount(-1); return "more"; } })', '-1 rows'],
    [
      'overfills',
      '() => ({ read(b) { b.setRowCount(b.rowCapacity + 1); return "end"; } })',
      'rows',
    ],
    [
      'counts rows behind our back',
      '() => ({ read(b) { b.rowCount = 5; return "end"; } })',
      'setRowCount',
    ],
    [
      'forgets an event time',
      '() => ({ read(b) { b.columns[0].setNull(0); b.setRowCount(1); return "end"; } })',
      "'at'",
    ],
    ['throws between rows', 'function* () { yield { at: 0 }; throw new Error("boom"); }', 'boom'],
    [
      'throws when it is closed',
      '() => ({ read: () => "end", close() { throw new Error("stuck"); } })',
      'stuck',
    ],
  ])('%s', async (_, open, says) => {
    const error = await harnessOf(open)
      .readAll()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_USER_CODE', node: 'source', domain: 'user' });
    expect((error as Error).message).toContain(says);
  });

  test('needs an event loop says so when it is open', async () => {
    const harness = harnessOf('() => ({ needsEventLoop: true, read: () => "wait" })');
    const source = await harness.open();
    expect(source.needsEventLoop).toBe(true);
    await source.close();
  });

  test('begins a row with a null and gives it up leaves no null behind', async () => {
    const harness = harnessOf(`() => ({ read(batch) {
      batch.columns[1].setNull(0);
      batch.columns[1].setNull(1);
      batch.columns[0].setI64FromNumber(0, 0);
      batch.setRowCount(1);
      return 'end';
    } })`);
    const source = await harness.open();
    const batch = allocate(harness.subject.schema);
    source.read(batch);
    expect(batch.columns[1]!.nullCount).toBe(1);
    expect([0, 1].map((row) => batch.columns[1]!.isNull(row))).toEqual([true, false]);
    await source.close();
  });

  test('is an iterable returns its iterator when it is closed early', async () => {
    const harness = harnessOf(
      'function* () { try { for (;;) yield { at: 0 }; } finally { globalThis.returned = true; } }',
    );
    const source = await harness.open();
    expect(source.read(allocate(harness.subject.schema))).toBe('more');
    await source.close();
    expect((globalThis as { returned?: boolean }).returned).toBe(true);
  });
});
