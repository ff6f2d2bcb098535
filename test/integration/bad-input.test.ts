/** What is wrong is said with its place, and a run that fails changes no file. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MillraceError, validateTopology } from '../../src/index.ts';
import { activeResources, expectNothingActive, failureOf } from '../support/failures.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

let workspace: Workspace;
let resources: string[];
beforeEach(() => {
  workspace = new Workspace();
  resources = activeResources();
  workspace.write('in.csv', GOOD_CSV);
});
afterEach(() => workspace[Symbol.dispose]());

const GOOD_CSV = 'at,id,user,price\n2026-01-01T00:00:00Z,1,ann,1.5\n2026-01-01T00:00:01Z,2,bob,2\n';
const SCHEMA = { at: 'timestamp', id: 'int64', user: 'string', price: 'float64' };
const source = (more: object = {}): object => ({
  connector: 'file',
  path: 'in.csv',
  schema: SCHEMA,
  time: { field: 'at', lateness: '1s' },
  ...more,
});
const topology = (parts: {
  readonly sources?: object;
  readonly operators?: object;
  readonly sinks?: object;
  readonly engine?: object;
}): object => ({
  version: 1,
  name: 'bad',
  sources: { in: source(), ...parts.sources },
  operators: parts.operators ?? {},
  sinks: {
    out: { connector: 'file', input: 'in', path: 'out.csv' },
    other: { connector: 'file', input: 'in', path: 'other.jsonl' },
    ...parts.sinks,
  },
  ...(parts.engine === undefined ? {} : { engine: parts.engine }),
});

/** Runs what must fail beside old output; checks that every file is as it was. */
async function refused(document: object, workers = 1): Promise<MillraceError> {
  workspace.write('out.csv', 'old\n');
  const before = workspace.files();
  const error = await failureOf(document, workspace, { workers });
  expect(workspace.read('out.csv')).toBe('old\n');
  expect(workspace.files()).toEqual(before);
  await expectNothingActive(resources);
  return error;
}

const on = (operator: object): object =>
  topology({ operators: { op: { input: 'in', ...operator } } });

describe('a topology is refused before anything starts', () => {
  test.each<[string, object, string, string]>([
    [
      'an unknown connector',
      topology({ sources: { more: source({ connector: 'kafka' }) } }),
      '/sources/more/connector',
      'kafka',
    ],
    [
      'an unknown operator',
      on({ type: 'filtre', where: 'id > 1' }),
      '/operators/op/type',
      'filtre',
    ],
    [
      'an unknown column',
      on({ type: 'filter', where: 'prise > 1' }),
      '/operators/op/where',
      'prise',
    ],
    [
      'an unknown column to group by',
      on({ type: 'aggregate', groupBy: ['usr'], select: { n: 'COUNT(*)' } }),
      '/operators/op/groupBy/0',
      'usr',
    ],
    [
      'a string compared with a number',
      on({ type: 'filter', where: 'user > 5' }),
      '/operators/op/where',
      'string',
    ],
    [
      'a number as a condition',
      on({ type: 'filter', where: 'id + 1' }),
      '/operators/op/where',
      'int64',
    ],
    [
      'a sum of strings',
      on({ type: 'aggregate', select: { total: 'SUM(user)' } }),
      '/operators/op/select/total',
      'string',
    ],
    [
      'a half expression',
      on({ type: 'map', select: { half: 'price * ' } }),
      '/operators/op/select/half',
      'price * ',
    ],
    [
      'a stream that is not there',
      topology({ sinks: { third: { connector: 'discard', input: 'inn' } } }),
      '/sinks/third/input',
      'inn',
    ],
    [
      'an event time that is no column',
      topology({ sources: { in: source({ time: { field: 'when' } }) } }),
      '/sources/in/time/field',
      'when',
    ],
    [
      'an event time that is no timestamp',
      topology({ sources: { in: source({ time: { field: 'id' } }) } }),
      '/sources/in/time/field',
      'int64',
    ],
    [
      'a missing input file',
      topology({ sources: { more: source({ path: 'missing.csv' }) } }),
      '/sources/more/path',
      'missing.csv',
    ],
    [
      'a directory as input',
      topology({ sources: { more: source({ path: '.', format: 'csv' }) } }),
      '/sources/more/path',
      'directory',
    ],
    [
      'an output in a folder that is not there',
      topology({ sinks: { third: { connector: 'file', input: 'in', path: 'no/such/out.csv' } } }),
      '/sinks/third/path',
      'no/such',
    ],
    [
      'a pin to a worker that is not there',
      topology({ engine: { placement: { pin: { in: 2 } } } }),
      '/engine/placement/pin/in',
      '2',
    ],
    [
      'a pin of a node that is not there',
      topology({ engine: { placement: { pin: { inn: 0 } } } }),
      '/engine/placement/pin/inn',
      'inn',
    ],
  ])('%s', async (_, document, pointer, says) => {
    const error = await refused(document);
    expect(error).toMatchObject({ code: 'ERR_TOPOLOGY_INVALID', domain: 'user' });
    const found = error.issues.map((issue) => issue.pointer);
    expect(found).toContain(pointer);
    const { message } = error.issues.find((issue) => issue.pointer === pointer)!;
    expect(message).toContain(says);
  });

  test('a cycle', async () => {
    const error = await refused(
      topology({
        operators: {
          a: { type: 'union', inputs: ['in', 'c'] },
          b: { type: 'map', input: 'a', select: { '*': true } },
          c: { type: 'map', input: 'b', select: { '*': true } },
        },
      }),
    );
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.message).toMatch(/cycle|circle|round|loop/);
    expect(error.issues.every(({ pointer }) => pointer.startsWith('/operators/'))).toBe(true);
  });

  test('an operator that reads itself', async () => {
    const error = await refused(
      topology({ operators: { a: { type: 'union', inputs: ['in', 'a'] } } }),
    );
    expect(error.issues[0]?.pointer).toMatch(/^\/operators\/a/);
  });

  test('a directory as output', async () => {
    mkdirSync(path.join(workspace.directory, 'folder.csv'));
    const error = await refused(
      topology({ sinks: { third: { connector: 'file', input: 'in', path: 'folder.csv' } } }),
    );
    expect(error.issues.map(({ pointer }) => pointer)).toEqual(['/sinks/third/path']);
  });

  test('two sinks with one file', async () => {
    const error = await refused(
      topology({ sinks: { third: { connector: 'file', input: 'in', path: './x/../out.csv' } } }),
    );
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.issues.map(({ pointer }) => pointer).join()).toContain('path');
  });

  test('an output that is an input', async () => {
    const error = await refused(
      topology({ sinks: { third: { connector: 'file', input: 'in', path: 'in.csv' } } }),
    );
    expect(error.issues.map(({ pointer }) => pointer)).toContain('/sinks/third/path');
  });

  test('all problems at once, with the nearest right name', async () => {
    const error = await refused(
      topology({
        operators: { op: { type: 'filter', input: 'inn', where: 'x' } },
        sinks: { third: { connector: 'file', input: 'opp', path: 'x.csv', delimeter: ';' } },
      }),
    );
    const pointers = error.issues.map(({ pointer }) => pointer);
    expect(pointers).toContain('/operators/op/input');
    expect(pointers).toContain('/sinks/third/delimeter');
    const byPointer = Object.fromEntries(error.issues.map((issue) => [issue.pointer, issue]));
    expect(byPointer['/operators/op/input']!.suggestion).toBe('in');
    expect(byPointer['/sinks/third/delimeter']!.suggestion).toBe('delimiter');
  });

  test('a topology file that is no JSON, or is not there', async () => {
    const file = workspace.write('t.json', '{ "version": 1,\n  "name": }');
    const error = await failureOf(file, workspace);
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.message).toContain('2');
    expect((await failureOf(path.join(workspace.directory, 'u.json'), workspace)).code).toBe(
      'ERR_FILE',
    );
  });

  test('validation alone looks at files only if asked', () => {
    const document = topology({ sources: { more: source({ path: 'missing.csv' }) } });
    const options = { baseDirectory: workspace.directory };
    expect(validateTopology(document, options).issues).toEqual([]);
    expect(validateTopology(document, { ...options, files: true }).issues).toHaveLength(1);
  });
});

describe('a row that cannot be read ends the run', () => {
  const CSV = 'at,id,user,price\n2026-01-01T00:00:00Z,1,ann,1.5\n';
  test.each<[string, string, number, string | undefined]>([
    ['too few fields', `${CSV}2026-01-01T00:00:01Z,2,bob\n`, 3, undefined],
    ['too many fields', `${CSV}2026-01-01T00:00:01Z,2,bob,1,2\n`, 3, undefined],
    ['a bad number', `${CSV}2026-01-01T00:00:01Z,2,bob,1.5x\n`, 3, 'price'],
    ['a fraction where an integer is declared', `${CSV}2026-01-01T00:00:01Z,2.5,bob,1\n`, 3, 'id'],
    ['an integer beyond 64 bits', `${CSV}2026-01-01T00:00:01Z,9223372036854775808,b,1\n`, 3, 'id'],
    ['a day that is none', `${CSV}2026-02-29T00:00:01Z,2,bob,1\n`, 3, 'at'],
    ['no event time', `${CSV},2,bob,1\n`, 3, 'at'],
    [
      'a bad number behind a quoted field of three lines',
      `${CSV}2026-01-01T00:00:01Z,2,"b\no\nb",1\n2026-01-01T00:00:01Z,x,bob,1\n`,
      6,
      'id',
    ],
    ['a quote that is not closed', `${CSV}2026-01-01T00:00:01Z,2,"bob,1\n`, 3, undefined],
  ])('CSV: %s', async (_, text, line, field) => {
    workspace.write('in.csv', text);
    const error = await refused(topology({}));
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', domain: 'user', node: 'in' });
    expect(error.message).toContain(`in.csv:${line}`);
    if (field !== undefined) expect(error.message).toContain(`field '${field}'`);
  });

  test('CSV: a header without a declared column', async () => {
    workspace.write('in.csv', 'at,id,user\n2026-01-01T00:00:01Z,2,bob\n');
    const error = await refused(topology({}));
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', node: 'in' });
    expect(error.message).toContain('in.csv:1');
    expect(error.message).toContain('price');
  });

  test('CSV: an empty file has no header', async () => {
    workspace.write('in.csv', '');
    expect(await refused(topology({}))).toMatchObject({ code: 'ERR_BAD_ROW', node: 'in' });
  });

  const LINE = '{"at":"2026-01-01T00:00:00Z","id":1,"user":"ann","price":1.5}\n';
  test.each<[string, string, number, string | undefined]>([
    ['a broken line', `${LINE}{"at":"2026-01-01T00:00:01Z","id":2,\n${LINE}`, 2, undefined],
    ['a line that is no object', `${LINE}${LINE}[1]\n`, 3, undefined],
    ['text where a number is declared', LINE + LINE.replace('1.5', '"1.5x"'), 2, 'price'],
    ['a number where text is declared', LINE + LINE.replace('"ann"', '5'), 2, 'user'],
    ['a fraction for an integer', LINE + LINE.replace('"id":1', '"id":1.5'), 2, 'id'],
    ['an object for a number', LINE + LINE.replace('1.5', '{"a":1}'), 2, 'price'],
    ['half a line at the end', `${LINE}{"at":"2026-01-01T`, 2, undefined],
  ])('JSON Lines: %s', async (_, text, line, field) => {
    workspace.write('in.jsonl', text);
    const error = await refused(topology({ sources: { in: source({ path: 'in.jsonl' }) } }));
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', node: 'in' });
    expect(error.message).toContain(`in.jsonl:${line}`);
    if (field !== undefined) expect(error.message).toContain(`field '${field}'`);
  });

  test('far behind many good rows, that are written already', async () => {
    const good = '2026-01-01T00:00:01Z,2,somebody with a long name,1\n'.repeat(100_000);
    workspace.write('in.csv', `${CSV}${good}2026-01-01T00:00:01Z,2,bob,x\n`);
    const error = await refused(topology({}));
    expect(error.message).toContain('in.csv:100003');
  });

  test('of one of two sources leaves the files of the other as they were, too', async () => {
    workspace.write('more.csv', `${CSV}x\n`);
    await refused(
      topology({
        sources: { more: source({ path: 'more.csv' }) },
        sinks: { third: { connector: 'file', input: 'more', path: 'third.csv' } },
        engine: { placement: { pin: { in: 0, out: 0, more: 1 } } },
      }),
      2,
    );
  });

  test('a compressed file that is cut off, or is not compressed', async () => {
    const whole = gzipSync(GOOD_CSV.repeat(2000).replaceAll('at,id,user,price\n', ''), {
      level: 1,
    });
    workspace.write('in.csv.gz', whole.subarray(0, whole.length - 40));
    const document = topology({ sources: { in: source({ path: 'in.csv.gz', header: false }) } });
    const cut = await refused(document);
    expect(cut).toMatchObject({ code: 'ERR_FILE', node: 'in' });
    expect(cut.message).toContain('in.csv.gz');
    workspace.write('in.csv.gz', GOOD_CSV);
    expect(await refused(document)).toMatchObject({ code: 'ERR_FILE', node: 'in' });
  });
});

describe('a row on which an expression fails ends the run', () => {
  test.each<[string, object]>([
    ['map', { type: 'map', select: { x: '1 / (id - 2)' } }],
    ['filter', { type: 'filter', where: '1 / (id - 2) > 0' }],
    ['aggregate', { type: 'aggregate', groupBy: ['user'], select: { x: 'SUM(1 / (id - 2))' } }],
    [
      'aggregate key',
      { type: 'aggregate', groupBy: { k: '1 / (id - 2)' }, select: { n: 'COUNT(*)' } },
    ],
    ['cast', { type: 'map', select: { x: 'CAST(user AS INT)' } }],
    [
      'sum that does not fit',
      { type: 'aggregate', select: { x: 'SUM(id * 0 + 9223372036854775807)' } },
    ],
  ])('%s', async (_, operator) => {
    const document = topology({
      operators: { op: { input: 'in', ...operator } },
      sinks: { third: { connector: 'file', input: 'op', path: 'third.csv' } },
    });
    const error = await refused(document);
    expect(error).toMatchObject({ code: 'ERR_ROW_EXPRESSION', domain: 'user', node: 'op' });
  });
});

describe('a tuple that is larger than a slot', () => {
  const engine = { ring: { heap: '1024B' } };
  const long = 'x'.repeat(3000);
  const big = `${GOOD_CSV}2026-01-01T00:00:02Z,3,${long},3\n2026-01-01T00:00:03Z,4,dan,4\n`;

  test.each([1, 2])('of a source ends the run, %i workers', async (workers) => {
    workspace.write('in.csv', big);
    const error = await refused(topology({ engine }), workers);
    expect(['ERR_TUPLE_TOO_LARGE', 'ERR_BAD_ROW']).toContain(error.code);
    expect(error.node).toBe('in');
    expect(error.message).toContain('in.csv:4');
    expect(error.message).toContain('3000');
    expect(error.message).toContain('1024');
  });

  test('of a source is skipped, or goes to its errors', async () => {
    workspace.write('in.csv', big);
    for (const onError of ['skip', 'deadLetter']) {
      const document = topology({
        sources: { in: source({ onError }) },
        sinks:
          onError === 'skip'
            ? {}
            : { bad: { connector: 'file', input: 'in.errors', path: 'bad.csv' } },
        engine,
      });
      const summary = await runToEnd(document, workspace, { workers: 2 });
      expect(summary.sources['in']).toMatchObject({ offered: 4, admitted: 3, rejected: 1 });
      expect(workspace.sortedLines('out.csv')).toHaveLength(3);
    }
    expect(workspace.sortedLines('bad.csv')).toHaveLength(1);
  });

  const doubling = {
    op: { type: 'map', input: 'in', select: { id: 'id', long: "REPEAT(user, 400) || 'y'" } },
  };
  const sinks = { third: { connector: 'file', input: 'op', path: 'third.csv' } };

  test.each([1, 2])('made by a map ends the run, %i workers', async (workers) => {
    const pins = workers === 1 ? {} : { placement: { pin: { third: 1 } } };
    const document = topology({ operators: doubling, sinks, engine: { ...engine, ...pins } });
    const error = await refused(document, workers);
    expect(error).toMatchObject({ code: 'ERR_TUPLE_TOO_LARGE', domain: 'user', node: 'op' });
    expect(error.message).toContain('1201');
  });

  test('made by a map is skipped if the node says so', async () => {
    workspace.write('in.csv', GOOD_CSV.replace('bob', 'b'));
    const document = topology({
      operators: { op: { ...doubling.op, onError: 'skip' } },
      sinks,
      engine,
    });
    const { operators } = await runToEnd(document, workspace, { workers: 2 });
    expect(operators['op']).toMatchObject({ rowsIn: 2, rowsOut: 1, errors: 1 });
    expect(workspace.sortedLines('third.csv')).toEqual([`2,${'b'.repeat(400)}y`]);
  });

  test('that just fits passes, however the rows before it lie', async () => {
    const users = Array.from({ length: 300 }, (_, i) =>
      String.fromCharCode(97 + (i % 26)).repeat(1 + ((i * 97) % 1024)),
    );
    const rows = users.map((user, i) => `2026-01-01T00:00:00Z,${i},${user},1\n`);
    workspace.write('in.csv', `at,id,user,price\n${rows.join('')}`);
    await runToEnd(
      topology({
        operators: { op: { type: 'map', input: 'in', select: { user: 'user' } } },
        sinks,
        engine: { ...engine, placement: { pin: { third: 1 } } },
      }),
      workspace,
      { workers: 2 },
    );
    expect(workspace.sortedLines('third.csv')).toEqual(users.toSorted());
  });

  test('made by an aggregate (MAX of long texts, long keys) ends the run or passes', async () => {
    workspace.write(
      'in.csv',
      GOOD_CSV.replace('bob', 'b'.repeat(900)).replace('ann', 'a'.repeat(900)),
    );
    const document = topology({
      operators: {
        op: {
          type: 'aggregate',
          input: 'in',
          groupBy: ['user'],
          select: { least: 'MIN(user)', greatest: 'MAX(user)' },
        },
      },
      sinks,
      engine,
    });
    const error = await refused(document);
    expect(error).toMatchObject({ code: 'ERR_TUPLE_TOO_LARGE', node: 'op' });
  });
});
