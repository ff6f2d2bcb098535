/** Routes, unions, rows in error and where they go: nothing vanishes without a count. */
import { describe, expect, test } from 'vitest';
import type { Cells, Types } from '../support/oracle/cells.ts';
import { SECOND_US, START_US } from '../support/oracle/events.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, readCsv, readJsonl } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import { aggregateRows, asTexts, of, sourceStream } from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const TYPES: Types = { at: 'timestamp', id: 'int64', n: 'int32', d: 'int32', tag: 'string' };
const ERRORS: Types = {
  node: 'string',
  code: 'string',
  message: 'string',
  file: 'string',
  line: 'int64',
  field: 'string',
  input: 'string',
};

function rowsOf(random: Random, count: number): Cells[] {
  return Array.from({ length: count }, (_, i) => ({
    at: START_US + i * 10_000,
    id: BigInt(i),
    n: random.chance(0.1) ? null : random.between(-50, 50),
    d: random.between(-3, 3),
    tag: random.pick(['a', 'b', 'c, "d"', '', null]),
  }));
}

/** Spoils every so-manieth line; says which rows are left and which lines are bad in which field. */
function spoil(
  text: string,
  random: Random,
): { text: string; bad: Map<number, string | undefined>; lines: number[] } {
  const lines = text.split('\n').slice(0, -1);
  const bad = new Map<number, string | undefined>();
  const spoiled = lines.map((line, i) => {
    if (i === 0 || !random.chance(0.05)) return line;
    const fields = line.split(',');
    switch (random.below(5)) {
      case 0:
        bad.set(i + 1, undefined);
        return fields.slice(0, 3).join(',');
      case 1:
        bad.set(i + 1, 'n');
        return [...fields.slice(0, 2), '2147483648', ...fields.slice(3)].join(',');
      case 2:
        bad.set(i + 1, 'id');
        return [fields[0], '1.5', ...fields.slice(2)].join(',');
      case 3:
        bad.set(i + 1, 'at');
        return ['2026-02-30T00:00:00Z', ...fields.slice(1)].join(',');
      default:
        bad.set(i + 1, 'at');
        return ['', ...fields.slice(1)].join(',');
    }
  });
  return { text: spoiled.map((line) => `${line}\n`).join(''), bad, lines: [...bad.keys()] };
}

const schema = TYPES;

/** File sinks: name of the file → stream. */
function files(streams: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(streams).map(([path, input]) => [
      `to_${path.replace('.', '_')}`,
      { connector: 'file', input, path },
    ]),
  );
}

describe.each([1, 2, 4])('%i workers', (workers) => {
  test('routes take the first that is true, null is not true; a union has all rows', async () => {
    using workspace = new Workspace();
    const random = new Random(workers);
    const rows = rowsOf(random, 3000);
    workspace.write('in.csv', csvText(TYPES, rows, random));
    const topology = {
      version: 1,
      name: 'routes',
      sources: { s: { connector: 'file', path: 'in.csv', schema, time: { field: 'at' } } },
      operators: {
        by_n: {
          type: 'filter',
          input: 's',
          routes: { big: 'n > 20', middle: "n > 0 OR tag = 'a'", rest: true },
        },
        no_rest: { type: 'filter', input: 's', routes: { low: 'n < -20', high: 'n > 20' } },
        together: { type: 'union', inputs: ['by_n.big', 'by_n.rest', 'no_rest.high'] },
        counted: {
          type: 'aggregate',
          input: 'together',
          groupBy: ['tag'],
          window: { type: 'tumbling', size: '5s' },
          select: { n: 'COUNT(*)', sum: 'SUM(n)' },
        },
      },
      sinks: files({
        'big.csv': 'by_n.big',
        'middle.csv': 'by_n.middle',
        'rest.csv': 'by_n.rest',
        'low.csv': 'no_rest.low',
        'together.csv': 'together',
        'counted.csv': 'counted',
      }),
    };
    const summary = await runToEnd(topology, workspace, { workers });
    const stream = sourceStream(rows, 'at', 0);
    const n = (cells: Cells): number => (cells['n'] === null ? Number.NaN : Number(cells['n']));
    const big = stream.filter(({ cells }) => n(cells) > 20);
    const middle = stream.filter(
      ({ cells }) => !(n(cells) > 20) && (n(cells) > 0 || cells['tag'] === 'a'),
    );
    const rest = stream.filter((row) => !big.includes(row) && !middle.includes(row));
    const low = stream.filter(({ cells }) => n(cells) < -20);
    const together = [...big, ...rest, ...big];
    for (const [name, expected] of Object.entries({ big, middle, rest, low, together })) {
      expectSameRows(readCsv(TYPES, workspace.read(`${name}.csv`)), asTexts(TYPES, expected), name);
    }
    const counted = aggregateRows(together, TYPES, {
      groupBy: ['tag'],
      window: { sizeUs: 5 * SECOND_US, slideUs: 5 * SECOND_US, offsetUs: 0 },
      select: { n: of.count, sum: of.sum('n') },
    });
    const types: Types = {
      window_start: 'timestamp',
      window_end: 'timestamp',
      tag: 'string',
      n: 'int64',
      sum: 'int64',
    };
    expectSameRows(
      readCsv(types, workspace.read('counted.csv')),
      asTexts(types, counted.results),
      'counted',
    );
    // A filter with routes counts all of them together; what no route takes is missing from it.
    expect(summary.operators['by_n']).toMatchObject({ rowsIn: 3000, rowsOut: 3000 });
    expect(summary.operators['no_rest']!.rowsOut).toBe(low.length + big.length);
  });

  test('bad rows of a source go to its errors, with place and field', async () => {
    using workspace = new Workspace();
    const random = new Random(90 + workers);
    const rows = rowsOf(random, 2000).map((row) => ({ ...row, tag: 'x' }));
    const plain = new Random(1);
    const { text, bad, lines } = spoil(
      csvText(TYPES, rows, plain)
        .split('\n')
        .map((line) => line.replaceAll('"', ''))
        .join('\n'),
      random,
    );
    workspace.write('in.csv', text);
    const topology = {
      version: 1,
      name: 'dead-letters',
      sources: {
        s: {
          connector: 'file',
          path: 'in.csv',
          schema,
          time: { field: 'at' },
          onError: 'deadLetter',
        },
        skipping: { connector: 'file', path: 'in.csv', schema, onError: 'skip' },
      },
      sinks: files({ 'good.csv': 's', 'bad.jsonl': 's.errors', 'rest.csv': 'skipping' }),
    };
    const { sources } = await runToEnd(topology, workspace, { workers });
    const good = rows.filter((_, i) => !bad.has(i + 2));
    const texts = asTexts(TYPES, sourceStream(good, 'at', 0));
    expectSameRows(readCsv(TYPES, workspace.read('good.csv')), texts, 'good rows');
    const letters = workspace
      .read('bad.jsonl')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    // Rejects what does not have the columns of an error stream.
    expect(readJsonl(ERRORS, workspace.read('bad.jsonl'))).toHaveLength(lines.length);
    const places = letters.map(({ line, field }) => [line, field ?? undefined] as const);
    expect(places.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([...bad]);
    for (const letter of letters) {
      expect(letter).toMatchObject({ node: 's', code: 'ERR_BAD_ROW' });
      expect(letter['file']).toContain('in.csv');
    }
    expect(lines.length).toBeGreaterThan(50);
    expect(sources['s']).toMatchObject({
      offered: rows.length,
      admitted: good.length,
      rejected: lines.length,
    });
    // Without event time an empty timestamp is a null like any other.
    const nullTimes = text.split('\n').filter((line) => line.startsWith(',')).length;
    expect(sources['skipping']!.rejected).toBe(lines.length - nullTimes);
    expect(nullTimes).toBeGreaterThan(3);
  });

  test('rows on which expressions fail are skipped, or go to errors', async () => {
    using workspace = new Workspace();
    const random = new Random(60 + workers);
    const rows = rowsOf(random, 3000);
    workspace.write('in.csv', csvText(TYPES, rows, random));
    const topology = {
      version: 1,
      name: 'failing',
      sources: { s: { connector: 'file', path: 'in.csv', schema } },
      operators: {
        kept: { type: 'filter', input: 's', where: 'n / d > 2', onError: 'skip' },
        divided: {
          type: 'map',
          input: 's',
          select: { id: 'id', q: 'n / d', r: 'n % d' },
          onError: 'deadLetter',
        },
        grouped: {
          type: 'aggregate',
          input: 's',
          groupBy: { q: 'n / d' },
          select: { n: 'COUNT(*)' },
          onError: 'deadLetter',
        },
      },
      sinks: files({
        'kept.csv': 'kept',
        'divided.csv': 'divided',
        'failed.csv': 'divided.errors',
        'grouped.csv': 'grouped',
        'ungrouped.csv': 'grouped.errors',
      }),
    };
    const { operators } = await runToEnd(topology, workspace, { workers });
    const failing = rows.filter((row) => row['n'] !== null && row['d'] === 0);
    const quotient = ({ n, d }: Cells): number | null =>
      n === null ? null : Math.trunc(Number(n) / Number(d)) + 0;
    const whole = rows.filter((row) => !failing.includes(row));
    const kept = whole.filter((row) => (quotient(row) ?? 0) > 2);
    const stream = (cells: readonly Cells[]): ReturnType<typeof sourceStream> =>
      cells.map((cells) => ({ cells, timeUs: 0, sourceUs: -Infinity }));
    expectSameRows(
      readCsv(TYPES, workspace.read('kept.csv')),
      asTexts(TYPES, stream(kept)),
      'kept',
    );
    const divided: Types = { id: 'int64', q: 'int32', r: 'int32' };
    expectSameRows(
      readCsv(divided, workspace.read('divided.csv')),
      asTexts(
        divided,
        stream(
          whole.map((row) => ({
            id: row['id']!,
            q: quotient(row),
            r: row['n'] === null ? null : (Number(row['n']) % Number(row['d'])) + 0,
          })),
        ),
      ),
      'divided',
    );
    const counts = Map.groupBy(whole, (row) => quotient(row));
    expectSameRows(
      workspace.sortedLines('grouped.csv'),
      [...counts].map(([q, members]) => `${q ?? ''},${members.length}`),
      'grouped',
    );
    for (const [name, node] of [
      ['failed.csv', 'divided'],
      ['ungrouped.csv', 'grouped'],
    ] as const) {
      const letters = readCsv(ERRORS, workspace.read(name));
      expect(letters).toHaveLength(failing.length);
      for (const letter of letters) {
        expect(letter.startsWith(`"${node}" | "ERR_ROW_EXPRESSION" | `), letter).toBe(true);
      }
      expect(operators[node]!.errors).toBe(failing.length);
    }
    expect(operators['kept']).toEqual({
      rowsIn: 3000,
      rowsOut: kept.length,
      late: 0,
      errors: failing.length,
    });
    expect(failing.length).toBeGreaterThan(100);
  });
});
