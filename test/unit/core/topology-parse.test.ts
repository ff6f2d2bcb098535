import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import {
  checkTopology,
  parseTopology,
  parseTopologyText,
  type Topology,
  type TopologyDocument,
} from '../../../src/core/topology/index.ts';
import { FLOAT64, INT32, INT64, STRING, TIMESTAMP } from '../../../src/core/types.ts';
import { AD_CTR, documentOf } from './topology-example.ts';

const options = { env: {} };

function parse(parts: Parameters<typeof documentOf>[0]): Topology {
  return parseTopology(documentOf(parts), options).topology;
}

function problems(parts: Parameters<typeof documentOf>[0]): string[] {
  return checkTopology(documentOf(parts), options).issues.map((issue) => issue.message);
}

const impressions = {
  section: 'sources',
  connector: 'file',
  name: 'impressions',
  path: 'impressions.csv',
  format: { kind: 'csv', delimiter: ',', nullText: '', header: true },
  gzip: false,
  schema: [
    { name: 'ts', type: TIMESTAMP },
    { name: 'impression', type: INT64 },
    { name: 'user', type: STRING },
    { name: 'ad', type: INT32 },
    { name: 'bid', type: FLOAT64 },
  ],
  time: { field: 'ts', latenessUs: 5_000_000, idleAfterUs: undefined },
  onError: 'stop',
  admission: {
    value: { text: 'bid', pointer: '/sources/impressions/admission/value' },
    class: { text: 'ad % 4', pointer: '/sources/impressions/admission/class' },
    droppable: undefined,
    tenant: undefined,
    weights: [],
    fairness: 1,
    sloUs: 50_000,
    loss: [],
    utility: undefined,
    minShare: [],
    onOverload: 'shed',
    policy: 'value',
    maxRowsPerSecond: undefined,
    windows: undefined,
    lateShed: true,
    spill: undefined,
  },
};

describe('the normal form of the example', () => {
  const { topology, warnings } = parseTopologyText(AD_CTR, 'ad-ctr.json', options);

  test('has sources with all their settings', () => {
    expect(topology.sources).toEqual([impressions]);
  });

  test('has operators in document order', () => {
    const common = { section: 'operators', onError: 'stop', parallel: undefined, by: undefined };
    expect(topology.operators).toEqual([
      {
        ...common,
        name: 'valid',
        type: 'filter',
        inputs: [{ node: 'impressions', port: '', pointer: '/operators/valid/input' }],
        mode: { kind: 'where', where: { text: 'bid > 0', pointer: '/operators/valid/where' } },
      },
      {
        ...common,
        name: 'per_ad',
        type: 'aggregate',
        inputs: [{ node: 'valid', port: '', pointer: '/operators/per_ad/input' }],
        groupBy: [{ kind: 'column', name: 'ad', pointer: '/operators/per_ad/groupBy/0' }],
        aggregates: [],
        emit: { kind: 'end' },
        window: { kind: 'tumbling', sizeUs: 10_000_000, offsetUs: 0 },
        select: [
          { name: 'shown', text: 'COUNT(*)', pointer: '/operators/per_ad/select/shown' },
          { name: 'spend', text: 'SUM(bid)', pointer: '/operators/per_ad/select/spend' },
        ],
      },
      {
        ...common,
        name: 'scaled',
        type: 'map',
        inputs: [{ node: 'per_ad', port: '', pointer: '/operators/scaled/input' }],
        select: {
          keepInput: true,
          columns: [
            { name: 'mean', text: 'spend / shown', pointer: '/operators/scaled/select/mean' },
          ],
        },
      },
    ]);
  });

  test('has sinks and settings', () => {
    expect(topology.sinks).toEqual([
      {
        section: 'sinks',
        connector: 'file',
        name: 'out',
        inputs: [{ node: 'scaled', port: '', pointer: '/sinks/out/input' }],
        path: 'per_ad.csv',
        format: impressions.format,
        gzip: false,
        orderBy: [],
      },
    ]);
    expect(topology.engine).toEqual({
      workers: 2,
      pins: [{ node: 'per_ad', worker: 1, pointer: '/engine/placement/pin/per_ad' }],
      stateDir: './state',
      stateLimitBytes: 1024 ** 3,
      spillLimitBytes: 16 * 1024 ** 3,
      ring: { slots: undefined, rows: undefined, heapBytes: undefined },
      driftUs: 10_000_000,
      int64: 'bigint',
      waitPolicy: 'auto',
    });
  });

  test('warns of nothing', () => {
    expect(warnings).toEqual([]);
  });

  test('says where there is room for what is spilled', () => {
    const text = AD_CTR.replace('"shed"', '"spill", "spill": { "dir": "./d", "limit": "2MiB" }');
    const spilling = parseTopologyText(text, 'ad-ctr.json', options);
    expect(spilling.topology.sources[0]).toMatchObject({
      admission: { onOverload: 'spill', spill: { dir: './d', limitBytes: 2 ** 21, order: 'hold' } },
    });
  });

  test('a graph of latency sets the goal: the last delay with full utility', () => {
    const goalOf = (text: string): unknown =>
      parseTopologyText(AD_CTR.replace('"slo": "50ms"', text), 'ad-ctr.json', options).topology
        .sources[0]!.admission!.sloUs;
    expect(goalOf('"qos": { "latency": [["0ms", 1], ["20ms", 1], ["200ms", 0]] }')).toBe(20_000);
    expect(goalOf('"qos": { "latency": [["30ms", 0.9], ["60ms", 0.1]] }')).toBe(30_000);
    expect(goalOf('"lateShed": true')).toBe(50_000);
  });

  test('is plain data', () => {
    expect(structuredClone(topology)).toEqual(topology);
  });
});

describe('operators', () => {
  test('a filter with routes has its outputs in order, and one for the rest', () => {
    const routes = { big: 'a > 10', rest: true, '2024': 'a = 1' };
    const { operators } = parse({ operators: { split: { type: 'filter', input: 'in', routes } } });
    expect(operators[0]).toMatchObject({
      mode: { kind: 'routes', routes: [{ name: '2024' }, { name: 'big' }], rest: 'rest' },
    });
  });

  test('columns keep the order of the text, also those that look like numbers', () => {
    const text = JSON.stringify(
      documentOf({ operators: { m: { type: 'map', input: 'in', select: { b: 'a' } } } }),
    ).replace('{"b":"a"}', '{"zero":"a","2024":"a","*":true,"7":"a"}');
    const { topology } = parseTopologyText(text, 'order.json', {
      env: {},
      overrides: [{ pointer: '/operators/m/select/2025', valueText: 'a' }],
    });
    const [map] = topology.operators;
    const names = map?.type === 'map' ? map.select.columns.map((column) => column.name) : [];
    expect(names).toEqual(['zero', '2024', '7', '2025']);
  });

  test('one input may be a list; several are one', () => {
    const { operators } = parse({
      operators: {
        m: { type: 'map', inputs: ['in'], select: { '*': true } },
        u: { type: 'union', inputs: ['m', 'in', 'm'] },
      },
    });
    expect(operators.map((node) => node.inputs.map((input) => input.pointer))).toEqual([
      ['/operators/m/inputs/0'],
      ['/operators/u/inputs/0', '/operators/u/inputs/1', '/operators/u/inputs/2'],
    ]);
  });

  test('a join has an interval of two ends, both 0 by default', () => {
    const join = { type: 'join', inputs: ['in', 'in'], on: 'l.a = r.a', select: { x: 'l.a' } };
    const { operators } = parse({
      operators: {
        plain: { ...join, within: {} },
        full: { ...join, within: { before: 'PT1M', after: '250ms' }, kind: 'left', time: 'right' },
      },
    });
    expect(operators).toMatchObject([
      { reach: { kind: 'interval', beforeUs: 0, afterUs: 0 }, kind: 'inner', time: 'left' },
      {
        reach: { kind: 'interval', beforeUs: 60_000_000, afterUs: 250_000 },
        kind: 'left',
        time: 'right',
      },
    ]);
  });

  test('a join has windows, or no bound at all', () => {
    const join = { type: 'join', inputs: ['in', 'in'], on: 'l.a = r.a', select: { x: 'l.a' } };
    const window = { type: 'hopping', size: '10s', slide: '2s' };
    const { operators } = parse({ operators: { windows: { ...join, window }, all: join } });
    expect(operators).toMatchObject([
      {
        reach: {
          kind: 'window',
          window: { kind: 'hopping', sizeUs: 10e6, slideUs: 2e6, offsetUs: 0 },
        },
      },
      { reach: { kind: 'unbounded' }, kind: 'inner' },
    ]);
  });

  test('an aggregate groups by columns, by expressions, or not at all', () => {
    const select = { n: 'COUNT(*)' };
    const window = { type: 'hopping', size: '10s', slide: '10s', offset: '5s', time: 'event' };
    const { operators } = parse({
      operators: {
        all: { type: 'aggregate', input: 'in', select },
        computed: { type: 'aggregate', input: 'in', groupBy: { even: 'a % 2' }, window },
      },
    });
    expect(operators).toMatchObject([
      { groupBy: [], window: undefined },
      {
        groupBy: [{ kind: 'expression', name: 'even', text: 'a % 2' }],
        window: { kind: 'hopping', sizeUs: 10e6, slideUs: 10e6, offsetUs: 5e6 },
        select: [],
      },
    ]);
  });

  test('a module has a default export unless another is named', () => {
    const module = {
      type: 'module',
      input: 'in',
      module: './score.js',
      schema: { score: 'float64' },
    };
    const { operators } = parse({
      operators: { a: module, b: { ...module, export: 'score', parallel: 2, onError: 'skip' } },
    });
    expect(operators).toMatchObject([
      { export: 'default', schema: [{ name: 'score', type: FLOAT64 }] },
      { export: 'score', parallel: 2, onError: 'skip' },
    ]);
  });
});

describe('sources and sinks', () => {
  const schema = { a: 'int32', ts: 'timestamp' };

  test.each([
    ['x.csv', 'csv', false],
    ['X.CSV.GZ', 'csv', true],
    ['x.jsonl', 'jsonl', false],
    ['x.ndjson.gz', 'jsonl', true],
  ])('the name %s says format %s, compressed: %s', (path, kind, gzip) => {
    const { sources } = parse({ sources: { in: { connector: 'file', path, schema } } });
    expect(sources[0]).toMatchObject({ path, format: { kind }, gzip });
  });

  test('a sort key is a name, a name with a minus, or an object', () => {
    const orderBy = ['a', '-b', { column: '-c' }, { column: 'd', order: 'desc' }];
    const { sinks } = parse({
      sinks: { out: { connector: 'file', path: 'x', format: 'jsonl', input: 'in', orderBy } },
    });
    const keys = sinks[0]?.connector === 'file' ? sinks[0].orderBy : [];
    expect(keys.map(({ column, descending }) => [column, descending])).toEqual([
      ['a', false],
      ['b', true],
      ['-c', false],
      ['d', true],
    ]);
  });

  test('standard output writes JSON lines unless told otherwise', () => {
    const { sinks } = parse({
      sinks: {
        a: { connector: 'stdout', input: 'in' },
        b: { connector: 'stdout', input: 'in', format: 'csv', delimiter: '\t', header: false },
        c: { connector: 'embedded', input: 'in' },
        d: { connector: 'discard', input: 'in' },
      },
    });
    expect(sinks).toMatchObject([
      { format: { kind: 'jsonl' } },
      { format: { kind: 'csv', delimiter: '\t', nullText: '', header: false } },
      { connector: 'embedded' },
      { connector: 'discard' },
    ]);
  });
});

describe('a generator', () => {
  const generator = (type: string, distribution: unknown, rate?: unknown): Topology =>
    parse({
      sources: {
        in: { connector: 'generator', rate, schema: { x: type }, fields: { x: distribution } },
      },
    });

  test.each([
    ['int64', { sequence: {} }, { kind: 'sequence', start: 0, step: 1 }],
    ['decimal(4,1)', { uniform: [1, 2.5] }, { kind: 'uniform', low: 1, high: 2.5 }],
    ['float64', { normal: { mean: 1, stddev: 2 } }, { kind: 'normal', mean: 1, stddev: 2 }],
    ['float64', { exponential: { mean: 3 } }, { kind: 'exponential', mean: 3 }],
    ['int32', { zipf: { n: 10, s: 1.1 } }, { kind: 'zipf', n: 10, s: 1.1 }],
    ['string', { choice: ['a', null] }, { kind: 'choice', values: ['a', null], weights: [1, 1] }],
    ['string', { choice: ['a'], weights: [3] }, { kind: 'choice', values: ['a'], weights: [3] }],
    ['int32', { constant: null }, { kind: 'constant', value: null }],
    ['json', { constant: { deep: [1] } }, { kind: 'constant', value: { deep: [1] } }],
    ['bool', { bool: 0.25 }, { kind: 'bool', probability: 0.25 }],
    [
      'bool',
      { null: 0.5, of: { bool: 1 } },
      { kind: 'null', probability: 0.5, of: { kind: 'bool', probability: 1 } },
    ],
    [
      'string',
      { template: 'user-{1}{0}{1}', of: [{ sequence: {} }, { bool: 1 }] },
      {
        kind: 'template',
        parts: ['user-', '', '', ''],
        of: [{ kind: 'bool' }, { kind: 'sequence' }, { kind: 'bool' }],
      },
    ],
    ['string', { template: 'same' }, { kind: 'template', parts: ['same'], of: [] }],
    [
      'timestamp',
      { time: { start: '2026-01-01', step: '10ms', jitter: '2s' } },
      { kind: 'time', startUs: 1_767_225_600_000_000, stepUs: 10_000, jitterUs: 2_000_000 },
    ],
  ])('draws %s from %j', (type, written, normal) => {
    expect(generator(type, written).sources[0]).toMatchObject({ seed: 1, fields: [normal] });
  });

  test('has a field for each column, in the order of the schema', () => {
    const { sources } = parse({
      sources: {
        in: {
          connector: 'generator',
          count: 0,
          seed: 7,
          schema: { x: 'int32', y: 'bool' },
          fields: { y: { bool: 0 }, x: { sequence: {} } },
        },
      },
    });
    expect(sources[0]).toMatchObject({
      count: 0,
      seed: 7,
      fields: [{ kind: 'sequence' }, { kind: 'bool' }],
    });
  });

  test.each([
    [undefined, undefined],
    [1000, { kind: 'constant', rowsPerSecond: 1000 }],
    [
      {
        phases: [
          { for: '2s', rate: 0 },
          { for: '1s', rate: 5 },
        ],
        repeat: true,
      },
      {
        kind: 'phases',
        phases: [
          { durationUs: 2_000_000, rowsPerSecond: 0 },
          { durationUs: 1_000_000, rowsPerSecond: 5 },
        ],
        repeat: true,
      },
    ],
  ])('comes at the rate %j', (written, normal) => {
    const [source] = generator('bool', { bool: 0 }, written).sources;
    expect(source?.connector === 'generator' ? source.rate : 'none').toEqual(normal);
  });
});

describe('a bad document', () => {
  test('is refused with one error that lists every problem', () => {
    const parseBad = (): unknown =>
      parseTopologyText('{"version": 2, "name": 3, "sources": {}}', 'bad.json', options);
    expect(parseBad).toThrow(MillraceError);
    expect(parseBad).toThrow(
      expect.objectContaining({
        code: 'ERR_TOPOLOGY_INVALID',
        message: [
          'bad.json is not valid: 3 problems',
          '  /version: unknown version 2; expected 1',
          '  /name: expected a name for the topology, found 3',
          '  /sources: expected at least one source',
        ].join('\n'),
        issues: [
          expect.objectContaining({ pointer: '/version' }),
          expect.objectContaining({ pointer: '/name' }),
          expect.objectContaining({ pointer: '/sources' }),
        ],
      }),
    );
  });

  test.each([undefined, null, 1, 'x', [], () => 1, new Map(), 12n, NaN])('may be %s', (value) => {
    expect(checkTopology(value, options).issues).not.toEqual([]);
  });

  test('may go round in a circle', () => {
    const circle: Record<string, unknown> = { version: 1, name: 'x' };
    circle['sources'] = circle;
    expect(checkTopology(circle, options).issues).not.toEqual([]);
  });

  test('names the nearest name as a suggestion of its own', () => {
    const document = documentOf({ sinks: { out: { connector: 'discard', inptu: 'in' } } });
    expect(checkTopology(document, options).issues).toEqual([
      {
        pointer: '/sinks/out/inptu',
        message: "unknown property 'inptu'; did you mean 'input'?",
        suggestion: 'input',
      },
    ]);
  });

  test('has its pointers escaped', () => {
    const document = documentOf({ operators: { 'a/b~c': 1 } });
    expect(checkTopology(document, options).issues.map((issue) => issue.pointer)).toEqual([
      '/operators/a~1b~0c',
    ]);
  });

  test('that lists a property as undefined has not got it', () => {
    expect(problems({ engine: { workers: undefined }, operators: undefined as never })).toEqual([]);
  });

  test.each([
    ['the rest of a mistyped property', { tpye: 'filter', input: 'im', where: 1 }, 3],
    ['two names for one property', { type: 'filter', input: 'in', wher: 'a > 1', whre: 1 }, 2],
    [
      'a mistyped name that stands beside the right one',
      { type: 'union', inputs: ['in'], input: 'in' },
      1,
    ],
  ])('has its problems counted: %s', (_, operator, count) => {
    expect(problems({ operators: { x: operator } })).toHaveLength(count);
  });
});

test('a document can be written with its type', () => {
  const document: TopologyDocument = {
    version: 1,
    name: 'typed',
    sources: {
      in: {
        connector: 'generator',
        rate: { phases: [{ for: '1s', rate: 10 }] },
        schema: { a: 'int32', s: 'string' },
        fields: {
          a: { zipf: { n: 10, s: 1 } },
          s: { null: 0.5, of: { template: '{0}', of: { sequence: {} } } },
        },
      },
    },
    operators: { m: { type: 'map', input: 'in', select: { '*': true, b: 'a + 1' } } },
    sinks: { out: { connector: 'stdout', input: 'm' } },
  };
  expect(parseTopology(document, options).warnings).toEqual([]);
});
