/** Sources that meet in a join: none runs away, none waits for ever. */
import { describe, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import type { Cells, Types } from '../support/oracle/cells.ts';
import { SECOND_US, START_US } from '../support/oracle/events.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, readCsv } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import { asTexts, joinRows, type Row, sourceStream } from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { within } from '../support/until.ts';

const TYPES: Types = { at: 'timestamp', id: 'int32', v: 'string' };
const JOINED: Types = { id: 'int32', l: 'string', r: 'string', at: 'timestamp' };

/** `count` rows from `fromSecond` on, over `seconds`. */
function rows(random: Random, count: number, fromSecond: number, seconds: number): Cells[] {
  return Array.from({ length: count }, (_, i) => ({
    at: START_US + Math.floor((fromSecond + (i / count) * seconds) * SECOND_US),
    id: random.below(40),
    v: `value ${i} of a row`,
  }));
}

interface Case {
  readonly left: Cells[];
  readonly right: Cells[];
}

const random = new Random(11);
const CASES: Readonly<Record<string, Case>> = {
  'far more rows on one side': {
    left: rows(random, 20_000, 0, 200),
    right: rows(random, 60, 0, 200),
  },
  'far more rows on the other': {
    left: rows(random, 60, 0, 200),
    right: rows(random, 20_000, 0, 200),
  },
  'one an hour later': { left: rows(random, 3000, 0, 30), right: rows(random, 3000, 3600, 30) },
  'one an hour earlier': { left: rows(random, 3000, 3600, 30), right: rows(random, 3000, 0, 30) },
  'one empty': { left: rows(random, 5000, 0, 500), right: [] },
  'the other empty': { left: [], right: rows(random, 5000, 0, 500) },
  'one that ends early': { left: rows(random, 5000, 0, 500), right: rows(random, 300, 0, 30) },
  'one that begins late': { left: rows(random, 5000, 0, 500), right: rows(random, 300, 470, 30) },
  'no time at all between rows': { left: rows(random, 400, 5, 0), right: rows(random, 400, 5, 0) },
};

const PLACEMENTS = {
  'on one worker': { workers: 1, engine: {} },
  'on two workers': {
    workers: 2,
    engine: { placement: { pin: { l: 0, r: 1 } }, ring: { slots: 2, rows: 64 } },
  },
  'the join on a third': {
    workers: 3,
    engine: { placement: { pin: { l: 0, r: 1, j: 2 } }, drift: '1ms' },
  },
  'the join on four': { workers: 4, engine: { drift: '0s', ring: { slots: 2, rows: 64 } } },
};

const source = (path: string, more: object = {}): object => ({
  connector: 'file',
  path,
  schema: TYPES,
  time: { field: 'at', lateness: '0s' },
  ...more,
});
const join = (left: string, right: string, kind = 'left'): object => ({
  type: 'join',
  kind,
  inputs: [left, right],
  on: 'l.id = r.id',
  within: { before: '1s', after: '2s' },
  select: { id: 'l.id', l: 'l.v', r: 'r.v', at: 'l.at' },
});
const file = (input: string, path: string): object => ({ connector: 'file', input, path });

function joined(left: readonly Row[], right: readonly Row[], kind: 'inner' | 'left'): string[] {
  const { results } = joinRows(left, right, {
    kind,
    beforeUs: SECOND_US,
    afterUs: 2 * SECOND_US,
    matches: (l, r) => l['id'] === r['id'],
    select: (l, r) => ({ id: l['id']!, l: l['v']!, r: r?.['v'] ?? null, at: l['at']! }),
  });
  return asTexts(JOINED, results);
}

const stream = (cells: readonly Cells[]): Row[] => sourceStream(cells, 'at', 0);

test.each(Object.entries(CASES))('two sources of a join: %s', async (name, { left, right }) => {
  using workspace = new Workspace();
  workspace.write('l.csv', csvText(TYPES, left, random));
  workspace.write('r.csv', csvText(TYPES, right, random));
  const { workers, engine } = PLACEMENTS['on two workers'];
  const document = {
    version: 1,
    name: 'paced',
    sources: { l: source('l.csv'), r: source('r.csv') },
    operators: { j: join('l', 'r') },
    sinks: { out: file('j', 'out.csv') },
    engine,
  };
  await within(runToEnd(document, workspace, { workers }), name, 30_000);
  const expected = joined(stream(left), stream(right), 'left');
  expectSameRows(readCsv(JOINED, workspace.read('out.csv')), expected, name);
});

test.each(Object.entries(PLACEMENTS))(
  'all these joins at once, %s',
  async (_, { workers, engine }) => {
    using workspace = new Workspace();
    const cases = Object.entries(CASES).map(([name, both], i) => ({ name, both, i }));
    const pin: Record<string, number> = {};
    for (const { both, i } of cases) {
      workspace.write(`l${i}.csv`, csvText(TYPES, both.left, random));
      workspace.write(`r${i}.csv`, csvText(TYPES, both.right, random));
      if (!('placement' in engine)) continue;
      Object.assign(pin, { [`l${i}`]: 0, [`r${i}`]: 1, [`j${i}`]: workers - 1 });
    }
    const document = {
      version: 1,
      name: 'paced',
      sources: Object.fromEntries(
        cases.flatMap(({ i }) => ['l', 'r'].map((side) => [side + i, source(`${side}${i}.csv`)])),
      ),
      operators: Object.fromEntries(cases.map(({ i }) => [`j${i}`, join(`l${i}`, `r${i}`)])),
      sinks: Object.fromEntries(cases.map(({ i }) => [`o${i}`, file(`j${i}`, `out${i}.csv`)])),
      engine: { ...engine, placement: { pin } },
    };
    await within(runToEnd(document, workspace, { workers }), 'all joins', 60_000);
    for (const { name, both, i } of cases) {
      const expected = joined(stream(both.left), stream(both.right), 'left');
      expectSameRows(readCsv(JOINED, workspace.read(`out${i}.csv`)), expected, name);
    }
  },
);

describe.each(Object.entries(PLACEMENTS))('diamonds, %s', (_, { workers, engine }) => {
  test('one source on both sides, by different ways', async () => {
    using workspace = new Workspace();
    const cells = rows(random, 4000, 0, 400);
    workspace.write('in.csv', csvText(TYPES, cells, random));
    const document = {
      version: 1,
      name: 'diamond',
      sources: { s: source('in.csv') },
      operators: {
        few: { type: 'filter', input: 's', where: 'id = 7' },
        all: { type: 'map', input: 's', select: { '*': true } },
        twice: { type: 'map', input: 'all', select: { '*': true } },
        j: join('few', 'twice', 'inner'),
        self: join('s', 's', 'inner'),
        again: join('few', 'j2', 'left'),
        j2: { type: 'map', input: 'self', select: { at: 'at', id: 'id', v: 'r' } },
      },
      sinks: {
        out: file('j', 'out.csv'),
        self_out: file('self', 'self.csv'),
        again_out: file('again', 'again.csv'),
      },
      engine: { ...engine, placement: workers > 1 ? { pin: { few: 0, twice: 1 } } : {} },
    };
    await within(runToEnd(document, workspace, { workers }), 'the diamond', 30_000);
    const all = stream(cells);
    const few = all.filter((row) => row.cells['id'] === 7);
    const outOf = (name: string): string[] => readCsv(JOINED, workspace.read(name));
    expectSameRows(outOf('out.csv'), joined(few, all, 'inner'), 'two ways');
    expectSameRows(outOf('self.csv'), joined(all, all, 'inner'), 'with itself');
    const pairs = joinRows(all, all, {
      kind: 'inner',
      beforeUs: SECOND_US,
      afterUs: 2 * SECOND_US,
      matches: (l, r) => l['id'] === r['id'],
      select: (l, r) => ({ at: l['at']!, id: l['id']!, v: r!['v']! }),
    }).results;
    expectSameRows(outOf('again.csv'), joined(few, pairs, 'left'), 'a join of a join');
  });

  test('three sources in a ring of joins, one of them a union', async () => {
    using workspace = new Workspace();
    const inputs = {
      a: rows(random, 3000, 0, 300),
      b: rows(random, 100, 100, 50),
      c: rows(random, 1000, 0, 1000),
    };
    for (const [name, cells] of Object.entries(inputs)) {
      workspace.write(`${name}.csv`, csvText(TYPES, cells, random));
    }
    const pin = workers > 1 ? { a: 0, b: 1, c: 0 } : {};
    const document = {
      version: 1,
      name: 'ring',
      sources: { a: source('a.csv'), b: source('b.csv'), c: source('c.csv') },
      operators: {
        ab: join('a', 'b'),
        bc: join('b', 'c'),
        ca: join('c', 'a'),
        both: { type: 'union', inputs: ['a', 'c'] },
        ub: join('both', 'b', 'inner'),
      },
      sinks: Object.fromEntries(
        ['ab', 'bc', 'ca', 'ub'].map((name) => [`out_${name}`, file(name, `${name}.csv.out`)]),
      ),
      engine: { ...engine, placement: { pin } },
    };
    for (const sink of Object.values(document.sinks)) Object.assign(sink, { format: 'csv' });
    await within(runToEnd(document, workspace, { workers }), 'the ring', 30_000);
    const [a, b, c] = Object.values(inputs).map((cells) => sourceStream(cells, 'at', 0)) as [
      Row[],
      Row[],
      Row[],
    ];
    const outOf = (name: string): string[] => readCsv(JOINED, workspace.read(`${name}.csv.out`));
    expectSameRows(outOf('ab'), joined(a, b, 'left'), 'a with b');
    expectSameRows(outOf('bc'), joined(b, c, 'left'), 'b with c');
    expectSameRows(outOf('ca'), joined(c, a, 'left'), 'c with a');
    expectSameRows(outOf('ub'), joined([...a, ...c], b, 'inner'), 'a union with b');
  });
});

test.each([
  ['on one worker', 1, {}],
  ['on two workers', 2, { fast: 0, slow: 1 }],
])('a fast source stays within the drift of a slow one, %s', async (_, workers, pin) => {
  const STEP_MS = 10;
  const BATCH = 64;
  const generator = (more: object): object => ({
    connector: 'generator',
    schema: { at: 'timestamp', id: 'int64' },
    time: { field: 'at' },
    fields: {
      at: { time: { start: '2026-01-01T00:00:00Z', step: `${STEP_MS}ms` } },
      id: { sequence: {} },
    },
    ...more,
  });
  await using engine = await Millrace.start(
    {
      version: 1,
      name: 'drift',
      sources: { fast: generator({}), slow: generator({ rate: 5000, count: 8000 }) },
      operators: {
        j: {
          type: 'join',
          inputs: ['fast', 'slow'],
          on: 'l.id = r.id',
          within: { before: '0s', after: '0s' },
          select: { id: 'l.id' },
        },
      },
      sinks: { out: { connector: 'discard', input: 'j' } },
      engine: { drift: '10s', ring: { slots: 2, rows: BATCH }, placement: { pin } },
    },
    { workers },
  );
  let most = 0;
  let fastest = 0;
  for (;;) {
    const { fast, slow } = engine.stats().sources;
    // From a moment when it has ended on, a source holds nobody back.
    if (slow!.admitted >= 8000) break;
    fastest = fast!.admitted;
    if (slow!.admitted > 0) most = Math.max(most, fastest - slow!.admitted);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // It does run ahead, by the drift and what one batch adds to it, counted at different moments.
  expect(most).toBeGreaterThan(10_000 / STEP_MS / 2);
  expect(most).toBeLessThan(10_000 / STEP_MS + 4 * BATCH + 500);
  expect(fastest).toBeGreaterThan(7000);
  expect((await engine.stop()).status).toBe('stopped');
});
