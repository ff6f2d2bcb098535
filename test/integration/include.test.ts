/** Parts: their operators run as if the topology had them, and their problems are told at the include. */

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainTopology, validateTopology } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = Array.from({ length: 2000 }, (_, i) => ({ at: i * 10, ad: (i * 7) % 13, n: i % 5 }));

const COUNTS = {
  version: 1,
  name: 'counts',
  parameters: { size: { default: '5s' }, least: {} },
  inputs: { clicks: { schema: { at: 'timestamp', ad: 'int32' }, time: true } },
  outputs: { out: 'counted', few: 'cut.few' },
  operators: {
    cut: { type: 'filter', input: 'clicks', routes: { many: 'n >= ${least}', few: true } },
    counted: {
      type: 'aggregate',
      input: 'cut.many',
      groupBy: ['ad'],
      window: { type: 'tumbling', size: '${size}' },
      select: { clicks: 'COUNT(*)' },
    },
  },
};

const TWICE = {
  version: 1,
  name: 'twice',
  parameters: { size: { default: '2s' } },
  inputs: { in: {} },
  outputs: { out: 'both' },
  operators: {
    first: {
      type: 'include',
      file: 'counts.json',
      inputs: { clicks: 'in' },
      parameters: { least: 2 },
    },
    second: {
      type: 'include',
      file: './counts.json',
      inputs: { clicks: 'first.few' },
      parameters: { least: 1, size: '${size}' },
    },
    both: { type: 'union', inputs: ['first', 'second.out'] },
  },
};

const topology = (operators: object, input: string, workers = 1): object => ({
  version: 1,
  name: 'include',
  sources: {
    in: {
      connector: 'file',
      path: 'in.jsonl',
      schema: { at: 'timestamp', ad: 'int32', n: 'int32' },
      time: { field: 'at' },
    },
  },
  operators,
  sinks: { out: { connector: 'file', input, path: 'out.csv' } },
  engine: { workers },
});

const twice = { twice: { type: 'include', file: 'twice.json', inputs: { in: 'in' } } };

function workspaceOf(): Workspace {
  const workspace = new Workspace();
  workspace.write('in.jsonl', ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  workspace.write('counts.json', JSON.stringify(COUNTS));
  workspace.write('twice.json', JSON.stringify(TWICE));
  return workspace;
}

/** Window, ad and count of `least <= n` rows in windows of `sizeMs`. */
function counts(sizeMs: number, wanted: (n: number) => boolean): string[] {
  const found = new Map<string, number>();
  for (const { at, ad, n } of ROWS) {
    const start = Math.floor(at / sizeMs) * sizeMs;
    const key = [start, start + sizeMs].map((ms) => new Date(ms).toISOString()).join(',');
    if (wanted(n)) found.set(`${key},${ad}`, (found.get(`${key},${ad}`) ?? 0) + 1);
  }
  return [...found].map(([key, count]) => `${key},${count}`);
}

describe('parts in a part, with parameters of their own', () => {
  test.each([1, 2])('give their rows on %i workers', async (workers) => {
    using workspace = workspaceOf();
    const summary = await runToEnd(topology(twice, 'twice', workers), workspace);
    const expected = [...counts(5000, (n) => n >= 2), ...counts(2000, (n) => n === 1)];
    expect(workspace.sortedLines('out.csv')).toEqual(expected.toSorted());
    expect(summary.operators['twice/second/cut']).toMatchObject({ rowsIn: 800, rowsOut: 800 });
  });

  test('have names of their own in the plan', () => {
    using workspace = workspaceOf();
    const { workers } = explainTopology(topology(twice, 'twice'), {
      baseDirectory: workspace.directory,
    });
    expect(workers[0]!.tasks.map((task) => task.node)).toEqual([
      'in',
      'twice/first/cut',
      'twice/first/counted',
      'twice/second/cut',
      'twice/second/counted',
      'twice/both',
      'out',
    ]);
  });
});

describe('several files as one operator', () => {
  const marker = (sign: string): string =>
    JSON.stringify({
      version: 1,
      name: sign,
      parameters: { column: {} },
      inputs: { in: { schema: { n: 'int32' } } },
      outputs: { out: 'marked' },
      operators: {
        marked: { type: 'map', input: 'in', select: { n: '${column}', sign: `'${sign}'` } },
      },
    });

  async function marked(by: object | undefined, workers: number): Promise<string[]> {
    using workspace = workspaceOf();
    workspace.write('a.json', marker('a'));
    workspace.write('b.json', marker('b'));
    workspace.write('c.json', marker('c'));
    const rows = [-4, -3, -1, 0, 1, 2, 5, null];
    workspace.write(
      'in.jsonl',
      rows.map((n) => `${JSON.stringify({ n, at: 0, ad: 1 })}\n`).join(''),
    );
    const file = ['a.json', './b.json', 'c.json'];
    const any = { type: 'include', file, by, inputs: { in: 'in' }, parameters: { column: 'n' } };
    await runToEnd(topology({ any }, 'any', workers), workspace);
    return workspace.sortedLines('out.csv');
  }

  test('get all rows', async () => {
    const rows = ['-4', '-3', '-1', '0', '1', '2', '5', ''];
    const expected = rows.flatMap((n) => [`${n},a`, `${n},b`, `${n},c`]).toSorted();
    expect(await marked(undefined, 1)).toEqual(expected);
    expect(await marked({ dispatch: 'broadcast' }, 2)).toEqual(expected);
  });

  test('get rows by the number of a column, modulo their number; null goes to the first', async () => {
    const rows = ['-4,c', '-3,a', '-1,c', '0,a', '1,b', '2,c', '5,c', ',a'];
    expect(await marked({ dispatch: 'number', columns: ['n'] }, 2)).toEqual(rows.toSorted());
  });
});

describe('what is wrong is told at the include', () => {
  function problems(operators: object, overrides: { pointer: string; valueText: string }[] = []) {
    using workspace = workspaceOf();
    mkdirSync(join(workspace.directory, 'inner'));
    symlinkSync(
      join(workspace.directory, 'counts.json'),
      join(workspace.directory, 'inner/link.json'),
    );
    const baseDirectory = join(workspace.directory, 'base' in operators ? 'inner' : '');
    const nodes = Object.fromEntries(Object.entries(operators).filter(([name]) => name !== 'base'));
    const document = topology(nodes, 'in');
    const { issues } = validateTopology(document, { baseDirectory, overrides });
    return issues.map(({ pointer, message }) => [
      pointer,
      message.replaceAll(workspace.directory, '.'),
    ]);
  }
  const include = (parameters: object, stream = 'in', file = 'counts.json'): object => ({
    type: 'include',
    file,
    inputs: { clicks: stream },
    parameters,
  });

  test('an expression of the part, whose text has a parameter in it', () => {
    expect(problems({ a: include({ least: 'm' }) })).toEqual([
      [
        '/operators/a',
        "in counts.json at /operators/cut/routes/many: unknown column 'm' (line 1, column 6)\n  n >= m\n       ^",
      ],
    ]);
  });

  test('streams that are not what the part wants, and nothing behind them', () => {
    const pass = (select: object): object => ({ type: 'map', input: 'in', select });
    const timeless = {
      type: 'aggregate',
      input: 'in',
      groupBy: ['at', 'ad', 'n'],
      select: { c: 'COUNT(*)' },
    };
    expect(
      problems({
        few: pass({ at: 'at', n: 'n', da: 'ad' }),
        other: pass({ '*': true, ad: 'CAST(ad AS INT64)' }),
        timeless,
        a: include({ least: 1 }, 'few'),
        b: include({ least: 1 }, 'other'),
        c: include({ least: 1 }, 'timeless'),
      }),
    ).toEqual([
      [
        '/operators/a/inputs/clicks',
        "expected a column 'ad' of type int32; 'few' has at timestamp, n int32, da int32",
      ],
      [
        '/operators/b/inputs/clicks',
        "expected a column 'ad' of type int32; in 'other' it is int64",
      ],
      ['/operators/c/inputs/clicks', "expected a stream with event time; 'timeless' has none"],
    ]);
  });

  test('files that are not in the folder, whatever leads there', () => {
    const [first, second, third] = problems({
      base: true,
      a: include({ least: 1 }, 'in', '../counts.json'),
      b: include({ least: 1 }, 'in', 'link.json'),
      c: include({ least: 1 }, 'in', 'none.json'),
    });
    const outside =
      "lies outside of ./inner; files are included only from the topology's own folder";
    expect(first).toEqual(['/operators/a/file', `../counts.json ${outside}`]);
    expect(second).toEqual(['/operators/b/file', `link.json ${outside}`]);
    expect(third).toEqual(['/operators/c/file', 'no such file: ./inner/none.json']);
  });

  test('unless an override puts it right', () => {
    const overrides = [{ pointer: '/operators/a/parameters/least', valueText: '3' }];
    expect(problems({ a: include({}) })).toHaveLength(1);
    expect(problems({ a: include({}) }, overrides)).toEqual([]);
  });
});
