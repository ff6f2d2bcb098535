import { describe, expect, test } from 'vitest';
import { explainTopology, type PlanDescription } from '../../../src/index.ts';

const schema = { ts: 'timestamp', k: 'string', v: 'int32' };
const fields = {
  ts: { time: { start: '2026-01-01T00:00:00Z', step: '1ms' } },
  k: { choice: ['a', 'b'] },
  v: { sequence: { start: 0, step: 1 } },
};
const source = { connector: 'generator', count: 10, schema, fields, time: { field: 'ts' } };
const window = { type: 'tumbling', size: '1s' };

function explain(nodes: object, workers: number, engine: object = {}): PlanDescription {
  return explainTopology({ version: 1, name: 'plan', engine, ...nodes }, { workers });
}

const keyed = {
  sources: { s: source },
  operators: {
    a: { type: 'aggregate', input: 's', groupBy: ['k'], window, select: { n: 'COUNT(*)' } },
  },
  sinks: { out: { input: 'a', connector: 'stdout' } },
};

describe('a join of several streams', () => {
  const sources = { a: source, b: source, c: source };
  const join = { type: 'join', inputs: ['a', 'b', 'c'], on: 'a.k = b.k AND b.k = c.k', select: {} };
  const nodes = {
    sources,
    operators: { j: join },
    sinks: { out: { input: 'j', connector: 'discard' } },
  };

  test('is several nodes, of which the last has its name', () => {
    const tasks = explain(nodes, 1).workers[0]!.tasks.map((task) => task.node);
    expect(tasks).toEqual(['a', 'b', 'c', 'j/1', 'j', 'out']);
  });

  test('is where it is pinned', () => {
    const { workers } = explain(nodes, 3, { placement: { pin: { j: 1 } } });
    const where = workers.map(({ tasks }) => tasks.map((task) => task.node));
    expect(where.map((of) => of.filter((node) => node.startsWith('j')))).toEqual([
      [],
      ['j/1', 'j'],
      [],
    ]);
  });
});

describe('a keyed operator', () => {
  test('is fused with its neighbours on one worker', () => {
    const plan = explain(keyed, 1);
    expect(plan.rings).toEqual([]);
    expect(plan.edges.map((edge) => edge.by)).toEqual(['call', 'call']);
  });

  test('runs once per worker, fed by its keys', () => {
    const plan = explain(keyed, 3);
    const tasks = plan.workers.map(({ tasks }) => tasks.map((task) => task.node));
    expect(tasks).toEqual([['s', 'a', 'out'], ['a'], ['a']]);
    const exchange = plan.edges.filter((edge) => edge.from === 's');
    expect(exchange.map(({ to, by, keys }) => [to, by, keys])).toEqual([
      ['a#0', 'call', ['k']],
      ['a#1', 'ring', ['k']],
      ['a#2', 'ring', ['k']],
    ]);
    expect(plan.rings.map(({ from, to }) => [from, to])).toEqual([
      ['s', ['a#1']],
      ['s', ['a#2']],
      ['a#1', ['out']],
      ['a#2', ['out']],
    ]);
  });

  test('has a discard sink behind each of its tasks', () => {
    const plan = explain({ ...keyed, sinks: { out: { input: 'a', connector: 'discard' } } }, 3);
    const tasks = plan.workers.map(({ tasks }) => tasks.map((task) => task.node));
    expect(tasks).toEqual([
      ['s', 'a', 'out'],
      ['a', 'out'],
      ['a', 'out'],
    ]);
    expect(plan.rings.map(({ from }) => from)).toEqual(['s', 's']);
  });

  test('without a key runs once', () => {
    const operators = { a: { ...keyed.operators.a, groupBy: [] } };
    const plan = explain({ ...keyed, operators }, 3);
    expect(
      plan.workers.flatMap(({ tasks }) => tasks).filter(({ node }) => node === 'a'),
    ).toHaveLength(1);
  });

  test('stays where it is pinned', () => {
    const plan = explain(keyed, 3, { placement: { pin: { a: 2 } } });
    expect(plan.workers[2]!.tasks.map((task) => task.node)).toEqual(['a', 'out']);
  });
});

test('a join by broadcast takes one side where it is, and all of the other', () => {
  const module = { connector: 'module', module: './source.js', schema };
  const j = { type: 'join', inputs: ['many', 'few'], on: 'l.k = r.k', select: { v: 'l.v' } };
  const plan = explain(
    {
      sources: { many: { ...module, parallel: 2 }, few: module },
      operators: { j: { ...j, broadcast: 'right' } },
      sinks: { out: { input: 'j', connector: 'discard' } },
    },
    2,
  );
  expect(plan.edges.map(({ from, by, to, keys }) => [from, by, to, keys])).toEqual([
    ['many#0', 'call', 'j#0', []],
    ['many#1', 'call', 'j#1', []],
    ['few', 'ring', 'j#0', []],
    ['few', 'call', 'j#1', []],
    ['j#0', 'call', 'out#0', []],
    ['j#1', 'call', 'out#1', []],
  ]);
});

describe('an operator in two stages', () => {
  const top = { type: 'top', input: 's', n: 1, orderBy: ['v'], window };
  const counts = keyed.operators.a;
  const parallel = {
    connector: 'module',
    module: './source.js',
    parallel: 2,
    schema,
    time: { field: 'ts' },
  };
  const planOf = (given: object, x: object, more: object = {}): PlanDescription =>
    explain(
      {
        sources: { s: given },
        operators: { x },
        sinks: {
          out: { input: 'x', connector: 'stdout' },
          late: { input: 'x.late', connector: 'discard' },
        },
        ...more,
      },
      2,
    );
  const labels = (plan: PlanDescription): unknown =>
    plan.workers.map(({ tasks }) => tasks.map(({ node, stage }) => `${node} ${stage}`));
  const arrows = (plan: PlanDescription): string[] =>
    plan.edges.map(({ from, port, to, by, keys }) =>
      `${from}.${port} ${by} ${to} ${keys.join()}`.trim(),
    );

  test('a top without groups chooses behind each task of its input, and once more', () => {
    const plan = planOf(parallel, top);
    expect(labels(plan)).toEqual([
      ['s whole', 'x local', 'x final', 'out whole', 'late whole'],
      ['s whole', 'x local'],
    ]);
    expect(arrows(plan)).toEqual([
      's#0.out call x.local#0',
      's#1.out call x.local#1',
      'x.local#0.out call x',
      'x.local#0.late call late',
      'x.local#1.out ring x',
      'x.local#1.late ring late',
      'x.out call out',
    ]);
  });

  test('an aggregate spreads groups instead of rows', () => {
    expect(arrows(planOf(parallel, counts))).toEqual([
      's#0.out call x.local#0',
      's#1.out call x.local#1',
      'x.local#0.out call x#0 k',
      'x.local#0.out ring x#1 k',
      'x.local#0.late call late#0',
      'x.local#1.out ring x#0 k',
      'x.local#1.out call x#1 k',
      'x.local#1.late call late#1',
      'x#0.out call out',
      'x#1.out ring out',
    ]);
  });

  test('has one where its input is one task, may be idle, or rows in error are kept', () => {
    const idle = { ...parallel, time: { field: 'ts', idleAfter: '1s' } };
    const bad = {
      sinks: {
        out: { input: 'x', connector: 'stdout' },
        bad: { input: 'x.errors', connector: 'discard' },
      },
    };
    for (const x of [top, counts]) {
      const plans = [
        planOf(source, x),
        planOf(idle, x),
        planOf(parallel, { ...x, onError: 'deadLetter' }, bad),
      ];
      for (const plan of plans) {
        const stages = plan.workers.flatMap(({ tasks }) => tasks.map(({ stage }) => stage));
        expect(new Set(stages)).toEqual(new Set(['whole']));
      }
    }
  });

  test('an aggregate has one where its results need all rows', () => {
    const aggregates = [
      { ...counts, select: { n: 'COUNT(DISTINCT v)' } },
      { ...counts, window: undefined, emit: 'each' },
      { ...counts, parallel: 3 },
    ];
    for (const x of aggregates) {
      const plan = planOf(parallel, x, { sinks: { out: { input: 'x', connector: 'discard' } } });
      expect(plan.workers.flatMap(({ tasks }) => tasks).map(({ stage }) => stage)).not.toContain(
        'local',
      );
    }
  });
});

test('several readers on other workers share one ring', () => {
  const plan = explain(
    {
      sources: { s: source },
      sinks: {
        here: { input: 's', connector: 'discard' },
        there: { input: 's', connector: 'discard' },
        elsewhere: { input: 's', connector: 'discard' },
      },
    },
    3,
    { placement: { pin: { there: 1, elsewhere: 2 } } },
  );
  expect(plan.rings.map(({ from, to }) => [from, to])).toEqual([['s', ['there', 'elsewhere']]]);
});

test('many workers get smaller rings rather than more memory than there is', () => {
  // By another key each time: else rows would stay where they are.
  const stage = (input: string, key: string, other: string): object => ({
    type: 'aggregate',
    input,
    groupBy: [key],
    window,
    select: { [other]: `MAX(${other})` },
  });
  const operators = {
    a: stage('s', 'k', 'v'),
    b: stage('a', 'v', 'k'),
    c: stage('b', 'k', 'v'),
    d: stage('c', 'v', 'k'),
  };
  const sinks = { out: { input: 'd', connector: 'discard' } };
  const rings = explain({ sources: { s: source }, operators, sinks }, 32).rings;
  expect(rings.length).toBeGreaterThan(3 * 32 * 31);
  const total = rings.reduce((sum, ring) => sum + ring.bytes, 0);
  expect(total).toBeLessThan(4 * 1024 ** 3);
  expect(explain({ sources: { s: source }, operators, sinks }, 2).rings[0]!.slots).toBe(16);
});

test('a pin to a worker that is not there is refused at its pointer', () => {
  const attempt = (): unknown => explain(keyed, 2, { placement: { pin: { a: 2 } } });
  expect(attempt).toThrow(
    '/engine/placement/pin/a: there is no worker 2; this run has workers 0 to 1',
  );
});
