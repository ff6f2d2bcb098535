/** A source that the user wrote: what it gives, and what happens when it misbehaves. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Millrace, type MillraceError } from '../../src/index.ts';
import { activeResources, expectNothingActive, failureOf } from '../support/failures.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

let workspace: Workspace;
let resources: string[];
beforeEach(() => {
  workspace = new Workspace();
  resources = activeResources();
});
afterEach(() => workspace[Symbol.dispose]());

const START_US = Date.parse('2026-01-01T00:00:00Z') * 1000;

/** Rows 1 ms apart with keys 0 to 6 in turn, counted by key and second. */
function topology(source: object = {}): object {
  return {
    version: 1,
    name: 'mine',
    sources: {
      mine: {
        connector: 'module',
        module: './source.js',
        export: 'open',
        schema: { at: 'timestamp', key: 'int32', n: 'int64' },
        time: { field: 'at' },
        ...source,
      },
    },
    operators: {
      counts: {
        type: 'aggregate',
        input: 'mine',
        groupBy: ['key'],
        window: { type: 'tumbling', size: '1s' },
        select: { rows: 'COUNT(*)', total: 'SUM(n)' },
      },
    },
    sinks: { out: { connector: 'file', input: 'counts', path: 'out.csv' } },
  };
}

const FILL = `
  let made = 0;
  const fill = (batch, rows) => {
    const [at, key, n] = batch.columns;
    let row = batch.rowCount;
    const end = Math.min(batch.rowCapacity, row + rows);
    for (; row < end && made < count; row++, made++) {
      at.setI64FromNumber(row, ${START_US} + made * 1000);
      key.words[row] = made % 7;
      n.setI64FromNumber(row, made);
    }
    batch.setRowCount(row);
    return made < count ? 'more' : 'end';
  };`;

function write(body: string): void {
  writeFileSync(path.join(workspace.directory, 'source.js'), body);
}

function expected(count: number): string[] {
  const groups = new Map<string, { rows: number; total: number }>();
  for (let i = 0; i < count; i++) {
    const second = Math.floor(i / 1000);
    const iso = (s: number): string => new Date(START_US / 1000 + s * 1000).toISOString();
    const id = `${iso(second)},${iso(second + 1)},${i % 7}`;
    const group = groups.get(id) ?? { rows: 0, total: 0 };
    groups.set(id, { rows: group.rows + 1, total: group.total + i });
  }
  return [...groups].map(([id, { rows, total }]) => `${id},${rows},${total}`).toSorted();
}

async function expectCounts(count: number, source: object = {}, workers = 1): Promise<void> {
  const options = { count };
  const summary = await runToEnd(topology({ options, ...source }), workspace, { workers });
  expect(summary.sources['mine']).toMatchObject({ offered: count, admitted: count });
  expect(workspace.sortedLines('out.csv')).toEqual(expected(count));
}

describe('a source of the user', () => {
  test.each([1, 2])('fills batches, with %i workers', async (workers) => {
    write(`export function open({ count }) { ${FILL}
      return { read: (batch) => fill(batch, 1000) };
    }`);
    await expectCounts(20_000, {}, workers);
  });

  test.each([
    [2, 1],
    [2, 2],
    [3, 2],
  ])('is opened in %i parts, with %i workers', async (parallel, workers) => {
    write(`export function open({ count }, { instance, instances }) {
      let made = instance;
      return { read(batch) {
        const [at, key, n] = batch.columns;
        let row = batch.rowCount;
        for (; row < batch.rowCapacity && made < count; row++, made += instances) {
          at.setI64FromNumber(row, ${START_US} + made * 1000);
          key.words[row] = made % 7;
          n.setI64FromNumber(row, made);
        }
        batch.setRowCount(row);
        return made < count ? 'more' : 'end';
      } };
    }`);
    await expectCounts(20_001, { parallel }, workers);
  });

  test('deals out its parts to whoever asks', async () => {
    write(`export function open({ count }, { instance, nextPart }) {
      const PART = 250;
      let made = 0, end = 0;
      return { read(batch) {
        // One that never asks leaves everything to the others.
        if (instance === 1) return 'end';
        const [at, key, n] = batch.columns;
        let row = batch.rowCount;
        for (; row < batch.rowCapacity; row++, made++) {
          if (made === end) {
            made = nextPart() * PART;
            end = Math.min(made + PART, count);
            if (made >= count) break;
          }
          at.setI64FromNumber(row, ${START_US} + made * 1000);
          key.words[row] = made % 7;
          n.setI64FromNumber(row, made);
        }
        batch.setRowCount(row);
        return made < count ? 'more' : 'end';
      } };
    }`);
    await expectCounts(20_001, { parallel: 3 }, 2);
    // Each source of the topology has parts of its own.
    const count = 5000;
    const mine = (topology({ options: { count } }) as { sources: { mine: object } }).sources.mine;
    const two = {
      version: 1,
      name: 'two',
      sources: { mine, other: { ...mine, parallel: 2 } },
      sinks: {
        m: { connector: 'discard', input: 'mine' },
        o: { connector: 'discard', input: 'other' },
      },
    };
    const { sinks } = await runToEnd(two, workspace, { workers: 2 });
    expect(sinks).toEqual({ m: { rows: count }, o: { rows: count } });
  });

  test.each(['beside its reader', 'before a ring'])(
    'shows columns that it keeps, %s',
    async (at) => {
      write(`export function open({ count }, context) { ${FILL}
      const parts = Array.from({ length: 10 }, (_, part) => {
        const columns = context.schema.map((_, c) => context.createColumn(c));
        const rows = { columns, rowCapacity: 500, rowCount: 0, setRowCount() {} };
        fill(rows, 500);
        return columns;
      });
      let next = 0;
      return { read(batch) {
        if (batch.rowCount + 500 > batch.rowCapacity) return 'more';
        if (!parts[next].every((column, c) => batch.show(c, column, 500))) return 'more';
        batch.setRowCount(batch.rowCount + 500);
        return ++next === parts.length ? 'end' : 'more';
      } };
    }`);
      const pin = at === 'before a ring' ? { counts: 1 } : {};
      const document = {
        ...topology({ options: { count: 5000 } }),
        engine: { placement: { pin } },
      };
      const summary = await runToEnd(document, workspace, { workers: 2 });
      expect(summary.sources['mine']).toMatchObject({ offered: 5000 });
      expect(workspace.sortedLines('out.csv')).toEqual(expected(5000));
    },
  );

  test('may be an iterable of rows', async () => {
    write(`export function* open({ count }) {
      for (let i = 0; i < count; i++) yield { at: ${START_US / 1000} + i, key: i % 7, n: i };
    }`);
    await expectCounts(5000);
  });

  test('is the default export, opened later, without options', async () => {
    write(`export default async (options, { node, schema, timeColumn }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const count = 100; ${FILL}
      if (JSON.stringify([options, node, schema.map((f) => f.name), timeColumn]) !==
          '[{},"mine",["at","key","n"],0]') throw new Error('another context');
      return { read: (batch) => fill(batch, 1000) };
    };`);
    await expectCounts(100, { export: undefined, options: undefined });
  });

  test('waits for a time, without an event loop', async () => {
    write(`export function open({ count }, context) { ${FILL}
      let due = false;
      return { read(batch) {
        due = !due;
        if (due) return fill(batch, 100);
        context.wakeAfter(0.3);
        return 'wait';
      } };
    }`);
    await expectCounts(2000);
  });

  test('waits for callbacks, and is closed when all is done', async () => {
    write(`import { writeFileSync } from 'node:fs';
    export function open({ count }, context) { ${FILL}
      let due = 0;
      const timer = setInterval(() => { due = 100; context.wake(); }, 1);
      return {
        needsEventLoop: true,
        read(batch) {
          if (due === 0) return 'wait';
          due = 0;
          return fill(batch, 100);
        },
        async close() {
          clearInterval(timer);
          writeFileSync(new URL('./closed', import.meta.url), '');
        },
      };
    }`);
    await expectCounts(2000);
    expect(workspace.files()).toContain('closed');
  });

  test('refuses rows by onError', async () => {
    write(`export function open({ count }, context) { ${FILL}
      let refused = 0;
      return { read(batch) {
        while (refused < 3 && context.canReject()) {
          refused++;
          context.reject({ message: 'unreadable', line: refused, input: '???' });
        }
        return fill(batch, 1000);
      } };
    }`);
    const summary = await runToEnd(
      topology({ options: { count: 100 }, onError: 'skip' }),
      workspace,
    );
    expect(summary.sources['mine']).toMatchObject({ offered: 103, admitted: 100, rejected: 3 });
    const error = await failure({ options: { count: 100 } });
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', node: 'mine' });
    expect(error.message).toContain('unreadable');
  });

  test('an iterable row that does not fit is refused by onError, with its number', async () => {
    write(`export const open = () => [
      { at: 0, key: 1, n: 1n }, { at: 0, key: 'x', n: 1n }, { key: 1, n: 1n }, { at: 1, key: 1, n: 5n },
    ];`);
    const summary = await runToEnd(topology({ onError: 'skip' }), workspace);
    expect(summary.sources['mine']).toMatchObject({ offered: 4, admitted: 2, rejected: 2 });
    const error = await failure();
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', node: 'mine' });
    expect(error.message).toMatch(/row 2.*key/);
  });

  test('tells when its rows were due, and latencies say so', async () => {
    write(`export function open({ count }, { clock }) { ${FILL}
      return { read(batch) {
        batch.ingestTimeUs = Math.min(batch.ingestTimeUs, clock.nowUs() - 5_000_000);
        return fill(batch, 1000);
      } };
    }`);
    const document = topology({ options: { count: 100 } }) as Record<string, object>;
    document['sinks'] = { ...document['sinks'], all: { connector: 'discard', input: 'mine' } };
    await using engine = await Millrace.start(document, { baseDirectory: workspace.directory });
    await engine.completed;
    const latency = engine.stats().tasks.find(({ node }) => node === 'all')!.latencyUs!;
    expect(latency.p50).toBeGreaterThan(4_900_000);
  });
});

async function failure(source: object = {}): Promise<MillraceError> {
  const error = await failureOf(topology(source), workspace, { workers: 2 });
  await expectNothingActive(resources);
  return error;
}

describe('a source that', () => {
  test('throws ends the run with what it threw', async () => {
    write(`export const open = () => ({ read() { throw new RangeError('boom'); } });`);
    const error = await failure();
    expect(error).toMatchObject({ code: 'ERR_USER_CODE', node: 'mine', domain: 'user' });
    expect(error.message).toContain('boom');
    expect(`${error.stack}\n${(error.cause as Error | undefined)?.stack}`).toContain('source.js');
  });

  test('gives an event time out of range is at fault', async () => {
    write(`export const open = () => ({ read(batch) {
      batch.columns[0].i64[0] = 2n ** 60n;
      batch.setRowCount(1);
      return 'end';
    } });`);
    const error = await failure();
    expect(error).toMatchObject({ code: 'ERR_USER_CODE', node: 'mine' });
    expect(error.message).toContain('event time');
  });

  test('swallows its own refusal ends all the same', async () => {
    write(`export const open = (_, context) => ({ read(batch) {
      try { context.reject({ message: 'unreadable' }); } catch {}
      return 'end';
    } });`);
    expect(await failure()).toMatchObject({ code: 'ERR_BAD_ROW', node: 'mine' });
  });

  test('leaves a rejected promise behind', async () => {
    write(`export const open = () => {
      void Promise.reject(new Error('nobody waits'));
      return { read: () => 'end' };
    };`);
    const error = await failure();
    expect(error).toMatchObject({ code: 'ERR_USER_CODE', node: 'mine' });
  });

  test('loops for ever is named', async () => {
    write('export const open = () => ({ read() { while (true); } });');
    expect(await failure()).toMatchObject({ code: 'ERR_WORKER_LOST', node: 'mine' });
  });

  test('gives no rows and never ends can be stopped', async () => {
    write(`export const open = () => ({ read: () => 'more' });`);
    const engine = await Millrace.start(topology(), { baseDirectory: workspace.directory });
    await engine.stop();
    expect(engine.summary().status).toBe('stopped');
  });

  test('lies outside of the folder is refused, and not run', async () => {
    using outside = new Workspace();
    const evil = outside.write(
      'evil.mjs',
      `import { writeFileSync } from 'node:fs';
      writeFileSync(new URL('./ran', import.meta.url), '');
      export const open = () => ({ read: () => 'end' });`,
    );
    for (const module of [evil, path.relative(workspace.directory, evil)]) {
      const error = await failure({ module });
      expect(error).toMatchObject({ code: 'ERR_USER_CODE', node: 'mine' });
      expect(error.message).toContain('outside');
    }
    expect(outside.files()).toEqual(['evil.mjs']);
  });

  test('is not there is refused before anything starts', async () => {
    const error = await failure({ module: './missing.js' });
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.issues.map(({ pointer }) => pointer)).toEqual(['/sources/mine/module']);
  });

  test('lacks the export says what there is', async () => {
    write('export const start = () => ({});');
    const error = await failure();
    expect(error).toMatchObject({ code: 'ERR_USER_CODE', node: 'mine' });
    expect(error.message).toContain('start');
  });
});
