import { describe, expect, test } from 'vitest';
import { fusedChains, planMermaid, planText } from '../../../src/cli/format/plan-text.ts';
import type { EdgeDescription, PlanDescription, TaskDescription } from '../../../src/index.ts';

const task = (node: string, kind: string, instance = 0, instances = 1): TaskDescription => ({
  node,
  kind,
  stage: 'whole',
  instance,
  instances,
});
const call = (from: string, to: string, port = 'out'): EdgeDescription => ({
  from,
  port,
  to,
  by: 'call',
  keys: [],
});
const ring = (from: string, to: string, keys: readonly string[] = []): EdgeDescription => ({
  from,
  port: 'out',
  to,
  by: 'ring',
  keys,
});

const PLAN: PlanDescription = {
  name: 'ad-ctr',
  workers: [
    {
      worker: 0,
      tasks: [
        task('clicks', 'file source'),
        task('valid', 'filter'),
        task('per_ad', 'aggregate', 0, 2),
        task('late', 'file sink'),
      ],
    },
    { worker: 1, tasks: [task('per_ad', 'aggregate', 1, 2), task('out', 'embedded sink')] },
    { worker: 2, tasks: [] },
  ],
  edges: [
    call('clicks', 'valid'),
    { ...call('valid', 'per_ad#0'), keys: ['ad'] },
    ring('valid', 'per_ad#1', ['ad']),
    ring('per_ad#0', 'out'),
    call('per_ad#0', 'late', 'late'),
    call('per_ad#1', 'out'),
    ring('out', 'host'),
  ],
  rings: [
    { from: 'valid', to: ['per_ad#1'], slots: 16, rowsPerSlot: 1024, bytes: 1_572_864 },
    { from: 'per_ad#0', to: ['out'], slots: 1, rowsPerSlot: 4096, bytes: 65_536 },
  ],
  fused: [['valid', 'per_ad#0']],
  shedding: ['clicks'],
  warnings: [],
};

describe('planText', () => {
  test('shows workers, ways out, chains, rings and shedding', () => {
    expect(planText(PLAN)).toBe(`\
ad-ctr: 3 workers, 2 rings, 1.6 MiB

worker 0
  clicks    file source  -> valid
  valid     filter       -> by (ad) per_ad#0; => by (ad) per_ad#1
  per_ad#0  aggregate    => out; late -> late
  late      file sink
  fused: clicks -> valid
  one kernel: valid -> per_ad#0

worker 1
  per_ad#1  aggregate      -> out
  out       embedded sink  => host

worker 2
  nothing: it will sleep

rings
  valid => per_ad#1  16 slots of 1,024 rows  1.5 MiB
  per_ad#0 => out    1 slot of 4,096 rows    64 KiB

shedding: clicks
`);
  });

  test('needs few words for a small plan', () => {
    const tasks = [task('a', 'generator source'), task('b', 'discard sink')];
    const plan = { ...PLAN, workers: [{ worker: 0, tasks }], edges: [call('a', 'b')] };
    expect(planText({ ...plan, rings: [], fused: [], shedding: [] })).toBe(`\
ad-ctr: 1 worker, 0 rings, 0 B

worker 0
  a  generator source  -> b
  b  discard sink
  fused: a -> b

shedding: nowhere
`);
  });

  test('ends with what is odd about the topology', () => {
    const warnings = [{ pointer: '/operators/j', message: 'keeps all rows' }];
    expect(planText({ ...PLAN, warnings })).toMatch(
      /\n\nshedding: clicks\n\nwarnings\n  \/operators\/j: keeps all rows\n$/,
    );
  });
});

describe('fusedChains', () => {
  const tasks = ['a', 'b', 'c', 'd'].map((name) => task(name, 'map'));

  test('a chain ends where ways part or meet', () => {
    expect(fusedChains(tasks, [call('a', 'b'), call('b', 'c'), call('c', 'd')])).toEqual([
      ['a', 'b', 'c', 'd'],
    ]);
    expect(fusedChains(tasks, [call('a', 'b'), call('b', 'c'), call('b', 'd')])).toEqual([
      ['a', 'b'],
    ]);
    expect(fusedChains(tasks, [call('a', 'c'), call('b', 'c'), call('c', 'd')])).toEqual([
      ['c', 'd'],
    ]);
    expect(fusedChains(tasks, [ring('a', 'b')])).toEqual([]);
  });
});

describe('planMermaid', () => {
  test('a box per worker, an arrow per edge, a thick one per ring', () => {
    expect(planMermaid(PLAN)).toBe(`\
flowchart LR
  subgraph worker_0 ["worker 0"]
    t0["clicks<br/>file source"]
    t1["valid<br/>filter"]
    t2["per_ad#35;0<br/>aggregate"]
    t3["late<br/>file sink"]
  end
  subgraph worker_1 ["worker 1"]
    t4["per_ad#35;1<br/>aggregate"]
    t5["out<br/>embedded sink"]
  end
  subgraph worker_2 ["worker 2"]
  end
  t6(["host"])
  t0 --> t1
  t1 -->|"by (ad)"| t2
  t1 ==>|"by (ad)"| t4
  t2 ==> t5
  t2 -->|"late"| t3
  t4 --> t5
  t5 ==> t6
`);
  });

  test('names cannot break the diagram', () => {
    const odd = task('a"]; <b>', 'map');
    const text = planMermaid({ ...PLAN, workers: [{ worker: 0, tasks: [odd] }], edges: [] });
    expect(text).toContain('t0["a#34;]; #60;b#62;<br/>map"]');
  });
});
