/** Keys of every type: the same key is the same group, on whatever worker and in whatever type. */
import { describe, expect, test } from 'vitest';
import { type Cells, type Types, canonical } from '../support/oracle/cells.ts';
import { SECOND_US, START_US } from '../support/oracle/events.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, jsonlText, readCsv } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import { asTexts, joinRows, of, sourceStream, aggregateRows } from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const WORKERS = [1, 3];

const TYPES: Types = {
  at: 'timestamp',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'decimal(12,3)',
  u: 'duration',
  s: 'string',
  y: 'bytes',
};

function keyRows(random: Random, count: number): Cells[] {
  const long = 'a common beginning of more than twelve bytes ';
  return Array.from({ length: count }, (_, i) => ({
    // Also before 1970, where remainders are negative.
    at: (i % 2 === 0 ? START_US : -START_US) + random.below(50) * 250_000,
    b: random.pick([true, false, null]),
    i: random.pick([null, 0, -1, 2 ** 31 - 1, -(2 ** 31), random.between(-9, 9)]),
    l: random.pick([null, 0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n]),
    f: random.pick([null, 0, -0, 0.1, 0.1 + 0.2, 0.3, 1e300, -1e-300, 5e-324]),
    d: random.pick([null, 0n, 1n, -1n, 999_999_999_999n]),
    u: random.pick([null, 0, -1, 1, 86_400_000_000]),
    s: random.pick([null, '', ' ', 'a', 'A', 'é', 'é', `${long}1`, `${long}2`, '😀']),
    y: random.pick([
      null,
      Buffer.of(),
      Buffer.of(0),
      Buffer.of(0, 0),
      Buffer.alloc(13),
      Buffer.alloc(14),
    ]),
  }));
}

describe.each(WORKERS)('groups, %i workers', (workers) => {
  test('by every type, and by all of them together', async () => {
    using workspace = new Workspace();
    const random = new Random(19);
    const rows = keyRows(random, 3000);
    workspace.write('in.jsonl', jsonlText(TYPES, rows, random));
    const keys = [...Object.keys(TYPES).map((name) => [name]), Object.keys(TYPES).slice(1)];
    const named = keys.map((key, k) => [`by_${k}`, key] as const);
    const window = { type: 'hopping', size: '3s', slide: '2s', offset: '500ms' };
    const document = {
      version: 1,
      name: 'keys',
      sources: {
        in: {
          connector: 'file',
          path: 'in.jsonl',
          schema: TYPES,
          time: { field: 'at', lateness: '99999d' },
        },
      },
      operators: Object.fromEntries(
        named.map(([name, groupBy]) => [
          name,
          { type: 'aggregate', input: 'in', groupBy, window, select: { n: 'COUNT(*)' } },
        ]),
      ),
      sinks: Object.fromEntries(
        named.map(([name]) => [
          `to_${name}`,
          { connector: 'file', input: name, path: `${name}.csv` },
        ]),
      ),
    };
    await runToEnd(document, workspace, { workers });
    const stream = sourceStream(rows, 'at', Infinity);
    for (const [name, groupBy] of named) {
      const types: Types = {
        window_start: 'timestamp',
        window_end: 'timestamp',
        ...Object.fromEntries(groupBy.map((key) => [key, TYPES[key]!])),
        n: 'int64',
      };
      const { results } = aggregateRows(stream, TYPES, {
        groupBy,
        window: { sizeUs: 3 * SECOND_US, slideUs: 2 * SECOND_US, offsetUs: 500_000 },
        select: { n: of.count },
      });
      const actual = readCsv(types, workspace.read(`${name}.csv`));
      expectSameRows(actual, asTexts(types, results), `by ${groupBy.join()}`);
    }
  });

  test('by many keys, some of them with many rows', async () => {
    using workspace = new Workspace();
    const random = new Random(23);
    const types: Types = { k: 'string', v: 'float64' };
    const rows = Array.from({ length: 60_000 }, () => ({
      k: random.chance(0.3) ? 'the one that has most' : `key number ${random.below(25_000)}`,
      // Not exact: the sum depends on the order, and must not beyond the last digits.
      v: random.between(-1_000_000, 1_000_000) / 997,
    }));
    workspace.write('in.csv', csvText(types, rows, random));
    const document = {
      version: 1,
      name: 'many',
      sources: { in: { connector: 'file', path: 'in.csv', schema: types } },
      operators: {
        g: {
          type: 'aggregate',
          input: 'in',
          groupBy: ['k'],
          select: { n: 'COUNT(*)', sum: 'SUM(v)', least: 'MIN(v)' },
        },
      },
      sinks: { out: { connector: 'file', input: 'g', path: 'out.csv' } },
    };
    await runToEnd(document, workspace, { workers });
    const found = workspace.sortedLines('out.csv');
    const groups = Map.groupBy(rows, ({ k }) => k);
    expect(found).toHaveLength(groups.size);
    for (const line of found) {
      const [k, n, sum, least] = line.split(',');
      const values = groups.get(k!)!.map(({ v }) => v);
      expect(Number(n)).toBe(values.length);
      expect(Number(least)).toBe(values.reduce((a, b) => Math.min(a, b)));
      const size = values.reduce((total, v) => total + Math.abs(v), 0);
      const exact = exactSum(values);
      // The documented bound: a few units of the last place, not of every addition.
      expect(Math.abs(Number(sum) - exact)).toBeLessThanOrEqual(
        2 ** -52 * Math.abs(exact) + values.length ** 2 * 2 ** -105 * size,
      );
    }
  });
});

/** Sum of doubles without rounding but for the last step: in units of 2^-1074. */
function exactSum(values: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(8));
  let sum = 0n;
  for (const value of values) {
    view.setFloat64(0, Math.abs(value));
    const bits = view.getBigUint64(0);
    const exponent = bits >> 52n;
    const fraction = (bits & 0xf_ffff_ffff_ffffn) | (exponent === 0n ? 0n : 1n << 52n);
    const units = fraction << (exponent === 0n ? 0n : exponent - 1n);
    sum += value < 0 ? -units : units;
  }
  // Near enough: 128 bits of the sum are kept before it becomes a double.
  const size = sum < 0n ? -sum : sum;
  const shift = Math.max(0, size.toString(2).length - 128);
  const top = Number(size >> BigInt(shift));
  return (sum < 0n ? -1 : 1) * top * 2 ** (shift - 537) * 2 ** -537;
}

describe.each(WORKERS)('joins, %i workers', (workers) => {
  const left: Types = {
    at: 'timestamp',
    i: 'int32',
    l: 'int64',
    f: 'float64',
    d: 'decimal(8,2)',
    s: 'string',
  };

  test('on keys of different types, of several, of expressions', async () => {
    const conditions = [
      'l.i = r.l',
      'l.l = r.i',
      'l.i = r.f',
      'l.f = r.l',
      'l.d = r.i',
      'l.f = r.d',
      'l.l = r.d',
      'l.i = r.l AND l.d = r.f',
      'l.i * 2 = r.l * 2',
      "l.s = UPPER(r.s) || ''",
      'l.i = r.f AND r.i = l.l',
    ];
    using workspace = new Workspace();
    const random = new Random(31);
    const draw = (): Cells[] =>
      Array.from({ length: 600 }, (_, n) => ({
        at: START_US + n * 1000,
        i: random.pick([null, random.between(-6, 6)]),
        l: random.pick([null, BigInt(random.between(-6, 6)), 2n ** 53n + 1n]),
        f: random.pick([null, random.between(-6, 6), random.between(-12, 12) / 2, -0]),
        d: random.pick([null, BigInt(random.between(-6, 6)) * 100n, BigInt(random.between(-6, 6))]),
        s: random.pick([
          null,
          '',
          'A',
          'a',
          'Ä',
          'ä',
          'LONGER THAN TWELVE BYTES',
          'longer than twelve bytes',
        ]),
      }));
    const [l, r] = [draw(), draw()];
    workspace.write('l.csv', csvText(left, l, random));
    workspace.write('r.csv', csvText(left, r, random));
    const source = (path: string): object => ({
      connector: 'file',
      path,
      schema: left,
      time: { field: 'at' },
    });
    const document = {
      version: 1,
      name: 'keys',
      sources: { ls: source('l.csv'), rs: source('r.csv') },
      operators: Object.fromEntries(
        conditions.map((on, i) => [
          `j${i}`,
          {
            type: 'join',
            inputs: ['ls', 'rs'],
            on,
            within: { before: '50ms', after: '20ms' },
            select: { l_at: 'l.at', r_at: 'r.at' },
          },
        ]),
      ),
      sinks: Object.fromEntries(
        conditions.map((_, i) => [
          `out${i}`,
          { connector: 'file', input: `j${i}`, path: `out${i}.csv` },
        ]),
      ),
    };
    await runToEnd(document, workspace, { workers });
    for (const [i, on] of conditions.entries()) {
      const matches = (a: Cells, b: Cells): boolean =>
        on.split(' AND ').every((part) => {
          const [x, y] = part.split(' = ').map((side) => sideValue(side, a, b));
          return x !== null && y !== null && x === y;
        });
      const { results } = joinRows(sourceStream(l, 'at', 0), sourceStream(r, 'at', 0), {
        kind: 'inner',
        beforeUs: 50_000,
        afterUs: 20_000,
        matches,
        select: (a, b) => ({ l_at: a['at']!, r_at: b!['at']! }),
      });
      const types: Types = { l_at: 'timestamp', r_at: 'timestamp' };
      expectSameRows(readCsv(types, workspace.read(`out${i}.csv`)), asTexts(types, results), on);
      expect(results.length, on).toBeGreaterThan(5);
    }
  });
});

/** One side of an equality, as a text that is the same for equal numbers of any type. */
function sideValue(side: string, l: Cells, r: Cells): string | null {
  const [, of, name] = /([lr])\.(\w)/.exec(side)!;
  const cell = (of === 'l' ? l : r)[name!]!;
  if (cell === null) return null;
  if (name === 's')
    return side.includes('UPPER') ? (cell as string).toUpperCase() : (cell as string);
  if (name === 'd') return String(Number(canonical('decimal(8,2)', cell)));
  return Object.is(cell, -0) ? '0' : String(cell);
}
