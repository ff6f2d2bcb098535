/**
 * Whole pipelines against a slow computation that shares nothing with the engine: every file
 * format, every type, disorder within the declared lateness and beyond it.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { RunSummary } from '../../src/index.ts';
import { EVENT_TYPES, eventRows, LATENESS_US, SECOND_US } from '../support/oracle/events.ts';
import { type Cells, type Types } from '../support/oracle/cells.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, type CsvStyle, jsonlText, readCsv, readJsonl } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import {
  aggregateRows,
  asTexts,
  mapRows,
  of,
  type Row,
  sourceStream,
} from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

/** How the files of one run are written. */
interface Format {
  readonly file: string;
  readonly out: string;
  readonly style?: CsvStyle;
}

const FORMATS: readonly Format[] = [
  { file: 'events.csv', out: '.csv' },
  { file: 'events.jsonl', out: '.jsonl' },
  {
    file: 'events.csv.gz',
    out: '.csv.gz',
    style: { delimiter: ';', nullText: 'NULL', lineEnd: '\r\n', hasMark: true },
  },
  { file: 'events.jsonl.gz', out: '.jsonl.gz' },
];

function properties({ style }: Format): object {
  const { delimiter, nullText } = style ?? {};
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(nullText === undefined ? {} : { nullText }),
  };
}

function writeRows(
  workspace: Workspace,
  { file, style }: Format,
  rows: readonly Cells[],
  random: Random,
): void {
  const text = file.includes('.jsonl')
    ? jsonlText(EVENT_TYPES, rows, random)
    : csvText(EVENT_TYPES, rows, random, style);
  workspace.write(file, file.endsWith('.gz') ? gzipSync(text) : text);
}

function readRows(workspace: Workspace, name: string, format: Format, types: Types): string[] {
  const file = name + format.out;
  const text = file.endsWith('.gz')
    ? gunzipSync(workspace.readBytes(file)).toString()
    : workspace.read(file);
  // The mark and line ends are of the input only; outputs have neither.
  return file.includes('.jsonl') ? readJsonl(types, text) : readCsv(types, text, format.style);
}

const MAPPED: Types = { ...EVENT_TYPES, bucket: 'int32', label: 'string', twice: 'float64' };

function mapCells(cells: Cells): Cells {
  const { ad, user, price } = cells as {
    ad: number | null;
    user: string | null;
    price: number | null;
  };
  return {
    ...cells,
    bucket: ad === null ? null : ad % 3,
    label: user === null || ad === null ? null : `${user}/${ad}`,
    twice: price === null ? null : price * 2,
  };
}

const PER_USER: Types = {
  window_start: 'timestamp',
  window_end: 'timestamp',
  user: 'string',
  n: 'int64',
  prices: 'int64',
  ids: 'int64',
  ads: 'int64',
  spend: 'float64',
  mean: 'float64',
  total: 'decimal(18,2)',
  typical: 'decimal(18,6)',
  took: 'duration',
  first: 'timestamp',
  last: 'timestamp',
};

const PER_BUCKET: Types = {
  window_start: 'timestamp',
  window_end: 'timestamp',
  bucket: 'int32',
  ok: 'bool',
  n: 'int64',
  least_id: 'int64',
  greatest_id: 'int64',
  least_user: 'string',
  greatest_user: 'string',
  least_price: 'float64',
  greatest_price: 'float64',
  least_amount: 'decimal(10,2)',
  greatest_amount: 'decimal(10,2)',
  least_raw: 'bytes',
  greatest_raw: 'bytes',
  least_took: 'duration',
  greatest_took: 'duration',
  least_ok: 'bool',
  greatest_ok: 'bool',
};

const PER_LABEL: Types = {
  label: 'string',
  n: 'int64',
  ids: 'int64',
  users: 'int64',
  ads: 'int64',
  prices: 'int64',
  amounts: 'int64',
  oks: 'int64',
  tooks: 'int64',
  raws: 'int64',
};

const DISTINCT = {
  ids: 'COUNT(DISTINCT id)',
  users: 'COUNT(DISTINCT user)',
  ads: 'COUNT(DISTINCT ad)',
  prices: 'COUNT(DISTINCT price)',
  amounts: 'COUNT(DISTINCT amount)',
  oks: 'COUNT(DISTINCT ok)',
  tooks: 'COUNT(DISTINCT took)',
  raws: 'COUNT(DISTINCT raw)',
};

function topology(format: Format): object {
  const names = ['valid', 'mapped', 'per_user', 'per_bucket', 'per_label', 'all'];
  const sink = (input: string): object => ({
    connector: 'file',
    input,
    path: `${input}${format.out}`,
    ...properties(format),
  });
  return {
    version: 1,
    name: 'answers',
    sources: {
      events: {
        connector: 'file',
        path: format.file,
        schema: EVENT_TYPES,
        time: { field: 'at', lateness: '5s' },
        ...properties(format),
      },
    },
    operators: {
      valid: { type: 'filter', input: 'events', where: 'price > 2 OR price IS NULL' },
      mapped: {
        type: 'map',
        input: 'valid',
        select: {
          '*': true,
          bucket: 'ad % 3',
          label: "user || '/' || CAST(ad AS STRING)",
          twice: 'price * 2',
        },
      },
      per_user: {
        type: 'aggregate',
        input: 'mapped',
        groupBy: ['user'],
        window: { type: 'tumbling', size: '10s' },
        select: {
          n: 'COUNT(*)',
          prices: 'COUNT(price)',
          ids: 'SUM(id)',
          ads: 'SUM(ad)',
          spend: 'SUM(price)',
          mean: 'AVG(price)',
          total: 'SUM(amount)',
          typical: 'AVG(amount)',
          took: 'SUM(took)',
          first: 'MIN(at)',
          last: 'MAX(at)',
        },
      },
      per_bucket: {
        type: 'aggregate',
        input: 'mapped',
        groupBy: ['bucket', 'ok'],
        // The slide does not divide the size.
        window: { type: 'hopping', size: '10s', slide: '3s', offset: '1s' },
        select: {
          n: 'COUNT(*)',
          ...Object.fromEntries(
            ['id', 'user', 'price', 'amount', 'raw', 'took', 'ok'].flatMap((name) => [
              [`least_${name}`, `MIN(${name})`],
              [`greatest_${name}`, `MAX(${name})`],
            ]),
          ),
        },
      },
      per_label: {
        type: 'aggregate',
        input: 'mapped',
        groupBy: ['label'],
        select: { n: 'COUNT(*)', ...DISTINCT },
      },
      all: { type: 'aggregate', input: 'mapped', select: { n: 'COUNT(*)', ...DISTINCT } },
    },
    sinks: Object.fromEntries(
      [...names, 'per_user.late', 'per_bucket.late'].map((name) => [
        `to_${name.replace('.', '_')}`,
        sink(name),
      ]),
    ),
  };
}

const distinctOf = Object.fromEntries(
  Object.entries(DISTINCT).map(([name, text]) => {
    const column = /DISTINCT (\w+)/.exec(text)![1]!;
    return [name, of.distinct(column, EVENT_TYPES[column]!)];
  }),
);

/** What every file must hold, and how many rows came too late. */
function expectedOf(rows: readonly Cells[]): {
  readonly outputs: ReadonlyMap<string, { types: Types; rows: readonly Row[] }>;
  readonly late: Readonly<Record<string, number>>;
} {
  const events = sourceStream(rows, 'at', LATENESS_US);
  const valid = events.filter(({ cells }) => cells['price'] === null || Number(cells['price']) > 2);
  const mapped = mapRows(valid, mapCells);
  const perUser = aggregateRows(mapped, MAPPED, {
    groupBy: ['user'],
    window: { sizeUs: 10 * SECOND_US, slideUs: 10 * SECOND_US, offsetUs: 0 },
    select: {
      n: of.count,
      prices: of.countOf('price'),
      ids: of.sum('id'),
      ads: of.sum('ad'),
      spend: of.sumOfNumbers('price'),
      mean: of.average('price'),
      total: of.sum('amount'),
      typical: of.averageOfDecimals('amount'),
      took: of.sumOfNumbers('took'),
      first: of.least('at'),
      last: of.greatest('at'),
    },
  });
  const extremes = ['id', 'user', 'price', 'amount', 'raw', 'took', 'ok'].flatMap((name) => [
    [`least_${name}`, of.least(name)] as const,
    [`greatest_${name}`, of.greatest(name)] as const,
  ]);
  const perBucket = aggregateRows(mapped, MAPPED, {
    groupBy: ['bucket', 'ok'],
    window: { sizeUs: 10 * SECOND_US, slideUs: 3 * SECOND_US, offsetUs: SECOND_US },
    select: { n: of.count, ...Object.fromEntries(extremes) },
  });
  const select = { n: of.count, ...distinctOf };
  const { label: _, ...all } = PER_LABEL;
  return {
    outputs: new Map([
      ['valid', { types: EVENT_TYPES, rows: valid }],
      ['mapped', { types: MAPPED, rows: mapped }],
      ['per_user', { types: PER_USER, rows: perUser.results }],
      ['per_bucket', { types: PER_BUCKET, rows: perBucket.results }],
      [
        'per_label',
        {
          types: PER_LABEL,
          rows: aggregateRows(mapped, MAPPED, { groupBy: ['label'], select }).results,
        },
      ],
      ['all', { types: all, rows: aggregateRows(mapped, MAPPED, { groupBy: [], select }).results }],
      ['per_user.late', { types: MAPPED, rows: perUser.late }],
      ['per_bucket.late', { types: MAPPED, rows: perBucket.late }],
    ]),
    late: { per_user: perUser.late.length, per_bucket: perBucket.late.length },
  };
}

function expectLate(summary: RunSummary, late: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(late)) {
    expect(summary.operators[name]!.late, `late rows of ${name}`).toBe(count);
  }
}

const [CSV, JSONL, CSV_GZ, JSONL_GZ] = FORMATS as readonly [Format, Format, Format, Format];

describe('filter, map and windows', () => {
  test.each([
    { format: CSV, workers: 1 },
    { format: CSV, workers: 2 },
    { format: CSV, workers: 4 },
    { format: JSONL, workers: 2 },
    { format: CSV_GZ, workers: 4 },
    { format: JSONL_GZ, workers: 1 },
  ])('over $format.file, $workers workers', async ({ format, workers }) => {
    using workspace = new Workspace();
    const seed = 41 + FORMATS.indexOf(format);
    const random = new Random(seed);
    const rows = eventRows(random, 2000);
    writeRows(workspace, format, rows, random);
    const summary = await runToEnd(topology(format), workspace, { workers });
    const { outputs, late } = expectedOf(rows);
    for (const [name, { types, rows: expected }] of outputs) {
      const actual = readRows(workspace, name, format, types);
      expectSameRows(actual, asTexts(types, expected), `${name}, seed ${seed}`);
    }
    expectLate(summary, late);
    // The draw must contain what this test is about.
    expect(late['per_user']).toBeGreaterThan(10);
    expect(late['per_bucket']).toBeGreaterThan(10);
  });
});
