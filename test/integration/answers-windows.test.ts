/** Joins over windows and without a bound, and what is made of windows: the shapes of NEXMark. */
import { describe, expect, test } from 'vitest';
import { explainTopology, Millrace, validateTopology } from '../../src/index.ts';
import type { Cell, Cells, Types } from '../support/oracle/cells.ts';
import { SECOND_US, START_US } from '../support/oracle/events.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, readCsv } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import {
  aggregateRows,
  asTexts,
  joinAll,
  joinWindows,
  mapRows,
  of,
  type Row,
  sourceStream,
} from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const PERSON: Types = { at: 'timestamp', id: 'int64', name: 'string' };
const BID: Types = { at: 'timestamp', auction: 'int64', bidder: 'int64', price: 'int32' };

const LATENESS_US = 2 * SECOND_US;
const HOP = { sizeUs: 10 * SECOND_US, slideUs: 2 * SECOND_US, offsetUs: 0 };
const TUMBLE = { sizeUs: 10 * SECOND_US, slideUs: 10 * SECOND_US, offsetUs: 0 };
const tumbling = (size: string): object => ({ type: 'tumbling', size });

interface Draw {
  readonly people: Cells[];
  readonly bids: Cells[];
}

/** One row in twenty is too late. */
function draw(random: Random, count: number): Draw {
  const time = (i: number): number => {
    const us = START_US + i * 60_000;
    const range = random.chance(0.05) ? [LATENESS_US, 20 * SECOND_US] : [0, LATENESS_US];
    return us - random.between(range[0]!, range[1]!);
  };
  return {
    people: Array.from({ length: count >> 1 }, (_, i) => ({
      at: time(2 * i),
      id: random.chance(0.05) ? null : BigInt(random.below(40)),
      name: `a person of a long name, number ${i}`,
    })),
    bids: Array.from({ length: count }, (_, i) => ({
      at: time(i),
      auction: BigInt(random.below(12)),
      bidder: random.chance(0.05) ? null : BigInt(random.below(40)),
      price: random.between(1, 100),
    })),
  };
}

const SOURCES = {
  people: {
    connector: 'file',
    path: 'people.csv',
    schema: PERSON,
    time: { field: 'at', lateness: '2s' },
  },
  bids: { connector: 'file', path: 'bids.csv', schema: BID, time: { field: 'at', lateness: '2s' } },
};

function topology(operators: object, outputs: readonly string[]): object {
  const sinks = outputs.map((input) => [input, { connector: 'file', input, path: `${input}.csv` }]);
  return {
    version: 1,
    name: 'windows',
    sources: SOURCES,
    operators,
    sinks: Object.fromEntries(sinks.map(([name, sink]) => [`to_${String(name)}`, sink])) as object,
  };
}

const timed = (types: Types): Types => ({
  window_start: 'timestamp',
  window_end: 'timestamp',
  ...types,
});

function compare(a: Cell | undefined, b: Cell | undefined): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

function byColumns(names: readonly string[], a: Cells, b: Cells): number {
  return names.map((name) => compare(a[name], b[name])).find((by) => by !== 0) ?? 0;
}

/** The first `n` of each group, with their place; and those that are equal to the last. */
function topRows(
  rows: readonly Row[],
  groupBy: readonly string[],
  by: (a: Cells, b: Cells) => number,
  n: number,
  ties: boolean,
): Row[] {
  const groups = Map.groupBy(rows, ({ cells }) => groupBy.map((k) => String(cells[k])).join('|'));
  return [...groups.values()].flatMap((members) => {
    const sorted = members.toSorted((a, b) => by(a.cells, b.cells));
    const kept = sorted.filter(
      ({ cells }, i) => i < n || (ties && by(cells, sorted[n - 1]!.cells) === 0),
    );
    return kept.map((row, i) => ({ ...row, cells: { ...row.cells, place: BigInt(i + 1) } }));
  });
}

describe.each([1, 2, 4])('on %i workers', (workers) => {
  const seed = 23;

  async function run(
    operators: object,
    outputs: readonly string[],
    check: (
      streams: { people: Row[]; bids: Row[] },
      read: (name: string, types: Types) => string[],
    ) => void,
  ) {
    using workspace = new Workspace();
    const random = new Random(seed);
    const { people, bids } = draw(random, 600);
    workspace.write('people.csv', csvText(PERSON, people, random));
    workspace.write('bids.csv', csvText(BID, bids, random));
    const summary = await runToEnd(topology(operators, outputs), workspace, { workers });
    const streams = {
      people: sourceStream(people, 'at', LATENESS_US),
      bids: sourceStream(bids, 'at', LATENESS_US),
    };
    check(streams, (name, types) => readCsv(types, workspace.read(`${name}.csv`)));
    return summary;
  }

  test('rows of one window, inner and left, and what is aggregated from them', async () => {
    const join = (kind: string, window: object): object => ({
      type: 'join',
      kind,
      inputs: ['people', 'bids'],
      on: 'l.id = r.bidder AND r.price > 20',
      window,
      select: { id: 'l.id', name: 'l.name', auction: 'r.auction' },
    });
    const operators = {
      inner: join('inner', { type: 'hopping', size: '10s', slide: '2s' }),
      left: join('left', tumbling('10s')),
      per_left: {
        type: 'aggregate',
        input: 'left',
        groupBy: ['id'],
        window: tumbling('10s'),
        select: { n: 'COUNT(auction)' },
      },
    };
    const types = timed({ id: 'int64', name: 'string', auction: 'int64' });
    const perLeft = timed({ id: 'int64', n: 'int64' });
    const plain = (kind: 'inner' | 'left') => ({
      kind,
      matches: (l: Cells, r: Cells) =>
        l['id'] !== null && l['id'] === r['bidder'] && (r['price'] as number) > 20,
      select: (l: Cells, r: Cells | undefined): Cells => ({
        id: l['id']!,
        name: l['name']!,
        auction: r?.['auction'] ?? null,
      }),
    });
    let late = { inner: 0, left: 0 };
    const summary = await run(
      operators,
      ['inner', 'left', 'per_left'],
      ({ people, bids }, read) => {
        const inner = joinWindows(people, bids, HOP, plain('inner'));
        const left = joinWindows(people, bids, TUMBLE, plain('left'));
        expectSameRows(read('inner', types), asTexts(types, inner.results), 'inner');
        expectSameRows(read('left', types), asTexts(types, left.results), 'left');
        const counted = aggregateRows(left.results, types, {
          groupBy: ['id'],
          window: TUMBLE,
          select: { n: of.countOf('auction') },
        });
        expectSameRows(read('per_left', perLeft), asTexts(perLeft, counted.results), 'per_left');
        expect(counted.late).toEqual([]);
        expect(inner.results.length).toBeGreaterThan(500);
        expect(left.results.some((row) => row.cells['auction'] === null)).toBe(true);
        late = { inner: inner.late, left: left.late };
      },
    );
    expect(late.left).toBeGreaterThan(0);
    expect(summary.operators['inner']!.late).toBe(late.inner);
    expect(summary.operators['left']!.late).toBe(late.left);
  });

  test('the auctions with most bids of each window: a join of two aggregates of it', async () => {
    const operators = {
      counts: {
        type: 'aggregate',
        input: 'bids',
        groupBy: ['auction'],
        window: { type: 'hopping', size: '10s', slide: '2s' },
        select: { num: 'COUNT(*)' },
      },
      // A result of a hopping window lies in the last slide of it, alone with those of its window.
      most: {
        type: 'aggregate',
        input: 'counts',
        window: tumbling('2s'),
        select: { maxn: 'MAX(num)' },
      },
      hot: {
        type: 'join',
        inputs: ['counts', 'most'],
        on: 'l.window_end = r.window_end AND l.num >= r.maxn',
        window: tumbling('2s'),
        select: { starts: 'l.window_start', auction: 'l.auction', num: 'l.num' },
      },
    };
    const types: Types = { starts: 'timestamp', auction: 'int64', num: 'int64' };
    await run(operators, ['hot'], ({ bids }, read) => {
      const { results } = aggregateRows(bids, BID, {
        groupBy: ['auction'],
        window: HOP,
        select: { num: of.count },
      });
      const most = (startUs: unknown): bigint =>
        results
          .filter((row) => row.cells['window_start'] === startUs)
          .map((row) => row.cells['num'] as bigint)
          .reduce((a, b) => (a > b ? a : b));
      const hot = results.filter((row) => row.cells['num'] === most(row.cells['window_start']));
      const expected = mapRows(hot, (cells) => ({ ...cells, starts: cells['window_start']! }));
      const found = read('hot', timed(types)).map((row) => row.split(' | ').slice(2).join(' | '));
      expectSameRows(found, asTexts(types, expected), 'hot');
      expect(hot.length).toBeGreaterThan(20);
    });
  });

  test('the best rows of windows, of windows of the input, and of everything', async () => {
    const operators = {
      counts: {
        type: 'aggregate',
        input: 'bids',
        groupBy: ['auction'],
        window: { type: 'hopping', size: '10s', slide: '2s' },
        select: { num: 'COUNT(*)' },
      },
      hot: {
        type: 'top',
        input: 'counts',
        n: 1,
        orderBy: ['-num'],
        window: 'input',
        ties: true,
      },
      dearest: {
        type: 'top',
        input: 'bids',
        n: 3,
        orderBy: ['-price'],
        groupBy: ['auction'],
        window: tumbling('10s'),
        rank: 'place',
      },
      last: { type: 'top', input: 'bids', n: 1, orderBy: ['-at'], groupBy: ['bidder'] },
    };
    const hotTypes = timed({ auction: 'int64', num: 'int64' });
    const dearestTypes: Types = { ...timed(BID), place: 'int64' };
    await run(operators, ['hot', 'dearest', 'last'], ({ bids }, read) => {
      const { results } = aggregateRows(bids, BID, {
        groupBy: ['auction'],
        window: HOP,
        select: { num: of.count },
      });
      const hot = topRows(
        results,
        ['window_start'],
        (a, b) => compare(b['num'], a['num']),
        1,
        true,
      );
      expectSameRows(read('hot', hotTypes), asTexts(hotTypes, hot), 'hot');
      expect(hot.length).toBeGreaterThan(20);

      const inWindows = joinWindows(bids, [], TUMBLE, {
        kind: 'left',
        matches: () => false,
        select: (cells) => cells,
      }).results;
      const byPrice = (a: Cells, b: Cells): number =>
        compare(b['price'], a['price']) || byColumns(Object.keys(BID), a, b);
      const dearest = topRows(inWindows, ['window_start', 'auction'], byPrice, 3, false);
      expectSameRows(read('dearest', dearestTypes), asTexts(dearestTypes, dearest), 'dearest');

      const byTime = (a: Cells, b: Cells): number =>
        compare(b['at'], a['at']) || byColumns(Object.keys(BID), a, b);
      const last = topRows(bids, ['bidder'], byTime, 1, false);
      expectSameRows(read('last', BID), asTexts(BID, last), 'last');
    });
  });

  test('all pairs of two streams, and windows over them', async () => {
    const operators = {
      pairs: {
        type: 'join',
        inputs: ['people', 'bids'],
        on: 'people.id = bids.bidder AND bids.price > 60',
        select: { id: 'people.id', auction: 'bids.auction', price: 'bids.price' },
      },
      per_auction: {
        type: 'aggregate',
        input: 'pairs',
        groupBy: ['auction'],
        window: tumbling('10s'),
        select: { n: 'COUNT(*)', total: 'SUM(price)' },
      },
    };
    const types: Types = { id: 'int64', auction: 'int64', price: 'int32' };
    const perAuction = timed({ auction: 'int64', n: 'int64', total: 'int64' });
    await run(operators, ['pairs', 'per_auction'], ({ people, bids }, read) => {
      const pairs = joinAll(people, bids, {
        matches: (l, r) =>
          l['id'] !== null && l['id'] === r['bidder'] && (r['price'] as number) > 60,
        select: (l, r) => ({ id: l['id']!, auction: r!['auction']!, price: r!['price']! }),
      });
      expectSameRows(read('pairs', types), asTexts(types, pairs), 'pairs');
      const { results } = aggregateRows(pairs, types, {
        groupBy: ['auction'],
        window: TUMBLE,
        select: { n: of.count, total: of.sum('price') },
      });
      expectSameRows(read('per_auction', perAuction), asTexts(perAuction, results), 'per_auction');
      expect(pairs.length).toBeGreaterThan(500);
    });
  });

  test('updates of groups over the whole input, at even times and with each row', async () => {
    const total = (emit: object | string): object => ({
      type: 'aggregate',
      input: 'bids',
      groupBy: ['auction'],
      emit,
      select: { n: 'COUNT(*)', most: 'MAX(price)', bidders: 'COUNT(DISTINCT bidder)' },
    });
    const operators = {
      every: total({ every: '3s' }),
      each: total('each'),
      per_minute: {
        type: 'aggregate',
        input: 'every',
        window: tumbling('6s'),
        select: { updates: 'COUNT(*)', most: 'MAX(n)' },
      },
    };
    const types: Types = { auction: 'int64', n: 'int64', most: 'int32', bidders: 'int64' };
    const perMinute = timed({ updates: 'int64', most: 'int64' });
    await run(operators, ['every', 'each', 'per_minute'], ({ bids }, read) => {
      const everyUs = 3 * SECOND_US;
      const update = (rows: readonly Row[]): Cells => {
        const { results } = aggregateRows(rows, BID, {
          groupBy: ['auction'],
          select: {
            n: of.count,
            most: of.greatest('price'),
            bidders: of.distinct('bidder', 'int64'),
          },
        });
        return results[0]!.cells;
      };
      const each: Row[] = [];
      const every: Row[] = [];
      for (const members of Map.groupBy(bids, (row) => row.cells['auction']).values()) {
        const sliceOf = (row: Row): number =>
          Math.floor(Math.max(row.timeUs, row.sourceUs) / everyUs);
        members.forEach((row, i) => each.push({ ...row, cells: update(members.slice(0, i + 1)) }));
        for (const slice of new Set(members.map(sliceOf))) {
          const cells = update(members.filter((row) => sliceOf(row) <= slice));
          every.push({ cells, timeUs: (slice + 1) * everyUs - 1, sourceUs: -Infinity });
        }
      }
      expectSameRows(read('each', types), asTexts(types, each), 'each');
      expectSameRows(read('every', types), asTexts(types, every), 'every');
      const { results } = aggregateRows(every, types, {
        groupBy: [],
        window: { sizeUs: 2 * everyUs, slideUs: 2 * everyUs, offsetUs: 0 },
        select: { updates: of.count, most: of.greatest('n') },
      });
      expectSameRows(read('per_minute', perMinute), asTexts(perMinute, results), 'per_minute');
      expect(every.length).toBeGreaterThan(80);
    });
  });
});

test('a join without a bound is worth a warning', () => {
  const document = topology(
    { j: { type: 'join', inputs: ['people', 'bids'], on: 'l.id = r.bidder', select: {} } },
    ['j'],
  );
  const { valid, warnings } = validateTopology(document);
  expect(valid).toBe(true);
  expect(warnings).toContainEqual({
    pointer: '/operators/j',
    message: expect.stringMatching(/keeps all rows of both inputs/) as string,
  });
  const plan = explainTopology(document, { workers: 1 });
  expect(plan.warnings).toEqual(warnings);
  expect(plan.workers[0]!.tasks).toContainEqual(
    expect.objectContaining({ node: 'j', kind: 'join without a bound' }),
  );
});

test('sources that meet in a join without a bound need not keep pace', async () => {
  const rows = { connector: 'embedded', schema: { id: 'int64' } };
  const events = {
    connector: 'embedded',
    schema: { at: 'timestamp', id: 'int64' },
    time: { field: 'at' },
  };
  await using engine = await Millrace.start(
    {
      version: 1,
      name: 'lookup',
      sources: { events, rows },
      operators: {
        j: {
          type: 'join',
          inputs: ['events', 'rows'],
          on: 'l.id = r.id',
          select: { id: 'l.id', at: 'l.at' },
        },
      },
      sinks: { out: { connector: 'embedded', input: 'j' } },
      engine: { drift: '1s' },
    },
    { workers: 2 },
  );
  // Nobody gives the other input, which has no event time, a row or an end.
  for (let i = 0; i < 50; i++) {
    await engine.input('events').push([{ at: i * 3_600_000, id: BigInt(i) }]);
  }
  await engine.input('rows').push([{ id: 49n }]);
  for await (const batch of engine.output('out')) {
    expect([...batch]).toEqual([{ id: 49n, at: 49 * 3_600_000 }]);
    break;
  }
});
