/** What files look like at their edges, sorted output, odd names, and user code in the middle. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunSummary } from '../../src/index.ts';
import type { Cells, Types } from '../support/oracle/cells.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, readCsv } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import { asTexts } from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
});
afterEach(() => workspace[Symbol.dispose]());

interface Copy {
  readonly path: string;
  readonly schema: object;
  readonly source?: object;
  readonly sink?: object;
  readonly operators?: object;
  readonly input?: string;
  readonly engine?: object;
}

/** Runs file → operators → `out.csv`, or what `sink` says. */
function copy({ path, schema, source, sink, operators, input, engine }: Copy): Promise<RunSummary> {
  const document = {
    version: 1,
    name: 'copy',
    sources: { in: { connector: 'file', path, schema, ...source } },
    operators: operators ?? {},
    sinks: { out: { connector: 'file', input: input ?? 'in', path: 'out.csv', ...sink } },
    engine: engine ?? {},
  };
  return runToEnd(document, workspace, { workers: 1 });
}

describe('CSV', () => {
  const schema = { a: 'int32', b: 'string' };

  const CASES: readonly (readonly [string, string, string])[] = [
    ['no line end at the end', 'a,b\n1,x\n2,y', '1,x\n2,y\n'],
    ['CRLF and none at the end', 'a,b\r\n1,x\r\n2,y', '1,x\n2,y\n'],
    ['a quoted field at the very end', 'a,b\n1,"x"', '1,x\n'],
    ['an empty field at the very end', 'a,b\n1,', '1,\n'],
    ['only a header', 'a,b\n', ''],
    ['only a header without its line end', 'a,b', ''],
    ['a mark and a quoted header', '\uFEFF"a","b"\n1,x\n', '1,x\n'],
    ['columns in another order, and more of them', 'c,b,d,a\n9,x,8,1\n', '1,x\n'],
    ['empty and null', 'a,b\n,""\n"1",\n', ',""\n1,\n'],
    [
      'line ends of both kinds in fields',
      'a,b\r\n1,"x\ny"\r\n2,"x\r\ny"\r\n',
      '1,"x\ny"\n2,"x\r\ny"\n',
    ],
    ['blanks are kept', 'a,b\n1,  x \n', '1,  x \n'],
    ['quotes inside a field without quotes', 'a,b\n1,"say ""hi"""\n', '1,"say ""hi"""\n'],
  ];

  test('line ends, headers, quotes', async () => {
    for (const [i, [, text]] of CASES.entries()) workspace.write(`in${i}.csv`, text);
    const document = {
      version: 1,
      name: 'edges',
      sources: Object.fromEntries(
        CASES.map((_, i) => [`in${i}`, { connector: 'file', path: `in${i}.csv`, schema }]),
      ),
      sinks: Object.fromEntries(
        CASES.map((_, i) => [`o${i}`, { connector: 'file', input: `in${i}`, path: `out${i}.csv` }]),
      ),
    };
    await runToEnd(document, workspace, { workers: 1 });
    for (const [i, [name, , expected]] of CASES.entries()) {
      expect(workspace.read(`out${i}.csv`), name).toBe(`a,b\n${expected}`);
    }
  });

  test('fields and rows across every boundary of the reader', async () => {
    const random = new Random(5);
    const types: Types = { id: 'int32', text: 'string' };
    const rows = Array.from({ length: 400 }, (_, id): Cells => {
      const piece = random.pick(['x', 'é', '😀', '"', '\n', ',', '\r\n', 'word ']);
      return { id, text: piece.repeat(random.below(random.chance(0.05) ? 40_000 : 300)) };
    });
    workspace.write('in.csv', csvText(types, rows, random));
    await copy({ path: 'in.csv', schema: types });
    const texts = asTexts(
      types,
      rows.map((cells) => ({ cells, timeUs: 0, sourceUs: 0 })),
    );
    expectSameRows(readCsv(types, workspace.read('out.csv')), texts, 'long texts');
  });

  test('a field that nearly fills a slot', async () => {
    const text = 'ö'.repeat(130_000);
    workspace.write('in.csv', `a,b\n1,${text}\n2,${text}\n`);
    await copy({ path: 'in.csv', schema });
    expect(workspace.read('out.csv')).toBe(`a,b\n1,${text}\n2,${text}\n`);
  });

  test('without a header', async () => {
    workspace.write('in.csv', '1;x\n2;NULL\n3;"NULL"\n');
    const style = { delimiter: ';', nullText: 'NULL', header: false };
    await copy({ path: 'in.csv', schema, source: style, sink: style });
    expect(workspace.read('out.csv')).toBe('1;x\n2;NULL\n3;"NULL"\n');
  });

  test('compressed in several pieces, and compressed again', async () => {
    workspace.write('in.csv.gz', Buffer.concat([gzipSync('a,b\n1,x\n2,'), gzipSync('y\n3,z\n')]));
    await copy({ path: 'in.csv.gz', schema, sink: { path: 'out.csv.gz' } });
    expect(gunzipSync(workspace.readBytes('out.csv.gz')).toString()).toBe('a,b\n1,x\n2,y\n3,z\n');
  });

  test('of no rows has a header', async () => {
    workspace.write('in.csv', 'a,b\n1,x\n');
    const operators = { none: { type: 'filter', input: 'in', where: 'a > 1' } };
    await copy({ path: 'in.csv', schema, operators, input: 'none' });
    expect(workspace.read('out.csv')).toBe('a,b\n');
  });
});

describe('JSON Lines', () => {
  test('line ends of both kinds, blank lines, members in any order, again and unknown', async () => {
    workspace.write(
      'in.jsonl',
      '\uFEFF{"b":"x","a":1}\r\n\n{"a":2,"z":{"a":[1,"}"]}}\n{"a":1,"a":3,"b":null}\n{"b":"\\ud83d\\ude00\\u0000","a":4}',
    );
    const schema = { a: 'int32', b: 'string' };
    await copy({ path: 'in.jsonl', schema, sink: { path: 'out.jsonl' } });
    expect(workspace.read('out.jsonl')).toBe(
      '{"a":1,"b":"x"}\n{"a":2,"b":null}\n{"a":3,"b":null}\n{"a":4,"b":"😀\\u0000"}\n',
    );
  });

  test('numbers at the edges of their types', async () => {
    const numbers = [
      '{"l":9223372036854775807,"f":1.7976931348623157e308,"d":-99999999999999.9999}',
      '{"l":-9223372036854775808,"f":5e-324,"d":0.0001}',
      '{"l":0,"f":0.30000000000000004,"d":12}',
    ];
    workspace.write('in.jsonl', `${numbers.join('\n')}\n`);
    const schema = { l: 'int64', f: 'float64', d: 'decimal(18,4)' };
    await copy({ path: 'in.jsonl', schema });
    expect(workspace.read('out.csv')).toBe(
      'l,f,d\n' +
        '9223372036854775807,1.7976931348623157e+308,-99999999999999.9999\n' +
        '-9223372036854775808,5e-324,0.0001\n' +
        '0,0.30000000000000004,12.0000\n',
    );
  });
});

test('names that are no identifiers, or that every object has', async () => {
  workspace.write(
    'in.csv',
    '"a column, with ""all""",hasOwnProperty,constructor,select,größe,toString\n1,2,3,4,5,6\n',
  );
  const names = [
    'a column, with "all"',
    'hasOwnProperty',
    'constructor',
    'select',
    'größe',
    'toString',
  ];
  const schema = Object.fromEntries(names.map((name) => [name, 'int32']));
  const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
  const select = { '*': true, sum: quoted.join(' + ') };
  await copy({
    path: 'in.csv',
    schema,
    operators: { odd: { type: 'map', input: 'in', select } },
    input: 'odd',
    sink: { path: 'out.jsonl' },
  });
  expect(workspace.read('out.jsonl')).toBe(
    '{"a column, with \\"all\\"":1,"hasOwnProperty":2,"constructor":3,"select":4,"größe":5,"toString":6,"sum":21}\n',
  );
});

test.each([
  { orderBy: ['s', '-f', 'n'] },
  { orderBy: [{ column: 's', order: 'desc' }, 'f', '-n'] },
])('sorted output: $orderBy', async ({ orderBy }) => {
  const random = new Random(9);
  const types: Types = { s: 'string', f: 'float64', n: 'int64' };
  const rows = Array.from({ length: 3000 }, (_, i): Cells => ({
    s: random.pick([
      null,
      '',
      'a',
      'Z',
      'ä',
      '\uFFEE',
      '😀',
      'a long text number 1',
      'a long text number 2',
    ]),
    f: random.pick([null, 0, -1.5, 1e10, 0.25]),
    n: BigInt(i) - 1500n,
  }));
  workspace.write('in.csv', csvText(types, rows, random));
  await copy({ path: 'in.csv', schema: types, sink: { orderBy } });
  const keys = orderBy.map((key) =>
    typeof key === 'string'
      ? { name: key.replace('-', ''), sign: key.startsWith('-') ? -1 : 1 }
      : { name: key.column, sign: key.order === 'desc' ? -1 : 1 },
  );
  const compare = (a: Cells, b: Cells): number => {
    for (const { name, sign } of keys) {
      const [x, y] = [a[name]!, b[name]!];
      if (x === null || y === null) {
        // Nulls come first, and last in descending order.
        if (x !== y) return x === null ? -sign : sign;
      } else if (typeof x === 'string') {
        const order = Buffer.compare(Buffer.from(x), Buffer.from(y as string));
        if (order !== 0) return order * sign;
      } else if (x !== y) return x < y ? -sign : sign;
    }
    return 0;
  };
  const sorted = asTexts(
    types,
    rows.toSorted(compare).map((cells) => ({ cells, timeUs: 0, sourceUs: 0 })),
  );
  expect(readCsv(types, workspace.read('out.csv'))).toEqual(sorted);
});

test('user code: none, one or many rows, event time kept, errors by its policy', async () => {
  workspace.write(
    'user.js',
    `let calls = 0;
    export default ({ at, n, s }) => {
      calls++;
      if (n % 5 === 0) return null;
      if (n % 7 === 0) throw new Error('seven');
      return Array.from({ length: n % 4 }, (_, i) => ({ n, i, s: s === null ? null : s + i, t: at }));
    };`,
  );
  const START = Date.UTC(2026, 0, 1);
  const lines = Array.from(
    { length: 3000 },
    (_, n) => `${START + n * 10},${n},${n % 3 === 0 ? '' : 'x'}`,
  );
  workspace.write('in.csv', `at,n,s\n${lines.join('\n')}\n`);
  const document = {
    version: 1,
    name: 'user',
    sources: {
      in: {
        connector: 'file',
        path: 'in.csv',
        schema: { at: 'timestamp', n: 'int32', s: 'string' },
        time: { field: 'at' },
      },
    },
    operators: {
      user: {
        type: 'module',
        input: 'in',
        module: 'user.js',
        schema: { n: 'int32', i: 'int32', s: 'string', t: 'timestamp' },
        onError: 'deadLetter',
      },
      counted: {
        type: 'aggregate',
        input: 'user',
        window: { type: 'tumbling', size: '1s' },
        select: { n: 'COUNT(*)', strings: 'COUNT(s)', sum: 'SUM(i)' },
      },
    },
    sinks: {
      out: { connector: 'file', input: 'counted', path: 'out.csv' },
      bad: { connector: 'file', input: 'user.errors', path: 'bad.jsonl' },
    },
  };
  const { operators } = await runToEnd(document, workspace, { workers: 2 });
  const good = Array.from({ length: 3000 }, (_, n) => n).filter((n) => n % 5 !== 0 && n % 7 !== 0);
  const bad = Array.from({ length: 3000 }, (_, n) => n).filter((n) => n % 5 !== 0 && n % 7 === 0);
  const made = good.flatMap((n) => Array.from({ length: n % 4 }, (_, i) => ({ n, i })));
  const windows = Map.groupBy(made, ({ n }) => Math.floor(n / 100));
  const expected = [...windows].map(([w, rows]) =>
    [
      new Date(START + w * 1000).toISOString(),
      new Date(START + w * 1000 + 1000).toISOString(),
      rows.length,
      rows.filter(({ n }) => n % 3 !== 0).length,
      rows.reduce((sum, { i }) => sum + i, 0),
    ].join(','),
  );
  expectSameRows(workspace.sortedLines('out.csv'), expected, 'windows');
  expect(operators['user']).toEqual({
    rowsIn: 3000,
    rowsOut: made.length,
    late: 0,
    errors: bad.length,
  });
  const letters = workspace
    .read('bad.jsonl')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { code: string; message: string; input: string });
  expect(letters).toHaveLength(bad.length);
  for (const letter of letters) {
    expect(letter.code).toBe('ERR_USER_CODE');
    expect(letter.message).toContain('seven');
  }
});

test('a dead letter of any size arrives', async () => {
  workspace.write('in.csv', 'n\n1\n2\n3\n');
  workspace.write(
    'user.js',
    "export const user = ({ n }) => { throw new Error('x'.repeat(n === 2 ? 3_000_000 : 5)); };",
  );
  const document = {
    version: 1,
    name: 'large-letters',
    sources: { in: { connector: 'file', path: 'in.csv', schema: { n: 'int32' } } },
    operators: {
      user: {
        type: 'module',
        input: 'in',
        module: 'user.js',
        export: 'user',
        schema: { n: 'int32' },
        onError: 'deadLetter',
      },
    },
    sinks: {
      out: { connector: 'discard', input: 'user' },
      bad: { connector: 'file', input: 'user.errors', path: 'bad.jsonl' },
    },
  };
  const { operators, sinks } = await runToEnd(document, workspace, { workers: 1 });
  expect(operators['user']).toMatchObject({ rowsIn: 3, rowsOut: 0, errors: 3 });
  expect(sinks['bad']).toEqual({ rows: 3 });
});
