import { describe, expect, test } from 'vitest';
import { describeSchema } from '../../../src/core/schema.ts';
import type { AggregateOperator } from '../../../src/core/topology/model.ts';
import type { AggregateText } from './aggregate-nodes.ts';
import { hopping, planAggregate, schemaOf, soundPlan, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({
  ad: 'int32',
  user: 'string',
  bid: 'float64',
  price: 'decimal(10,2)',
  at: 'timestamp',
  tags: 'json',
});

const issuesOf = (...given: Parameters<typeof planAggregate>): readonly string[] =>
  planAggregate(...given).issues;

describe('the plan of an aggregate', () => {
  test('has the window, the keys and the selected columns, in this order', () => {
    const plan = soundPlan(SCHEMA, {
      window: tumbling(10),
      groupBy: ['user', 'ad'],
      select: { n: 'COUNT(*)', spend: 'SUM(bid) / COUNT(*)', p: 'SUM(price)', m: 'AVG(price)' },
    });
    expect(plan.outputs.map(({ name }) => name)).toEqual(['out', 'late']);
    const [out, late] = plan.outputs;
    expect(describeSchema(out!.stream.schema)).toBe(
      'window_start timestamp, window_end timestamp, user string, ad int32, ' +
        'n int64, spend float64, p decimal(18,2), m decimal(14,6)',
    );
    expect(out!.stream.hasTime).toBe(true);
    expect(late!.stream).toEqual({ schema: SCHEMA, hasTime: true });
    expect(plan.distribution).toEqual({ kind: 'keys', columns: [[1, 0]] });
    expect(structuredClone(plan)).toEqual(plan);
  });

  test('has no time without a window', () => {
    const plan = soundPlan(SCHEMA, { groupBy: ['ad'], select: { n: 'COUNT(*)' } });
    expect(plan.outputs.map(({ stream }) => stream.hasTime)).toEqual([false, true]);
    expect(describeSchema(plan.outputs[0]!.stream.schema)).toBe('ad int32, n int64');
  });

  test('has a port for errors if they are dead letters', () => {
    const plan = soundPlan(SCHEMA, { select: { n: 'COUNT(*)' }, onError: 'deadLetter' });
    expect(plan.outputs.map(({ name }) => name)).toEqual(['out', 'late', 'errors']);
  });

  test('spreads by those keys that are columns', () => {
    const of = (groupBy: Readonly<Record<string, string>>): unknown =>
      soundPlan(SCHEMA, { groupBy, select: { n: 'COUNT(*)' } }).distribution;
    expect(of({ a: 'ad', m: 'ad % 4' })).toEqual({ kind: 'keys', columns: [[0]] });
    expect(of({ m: 'ad % 4' })).toEqual({ kind: 'single' });
    expect(of({})).toEqual({ kind: 'single' });
  });

  test('computes equal aggregates once', () => {
    const plan = soundPlan(SCHEMA, {
      select: { a: 'SUM(bid) / COUNT(*)', b: 'SUM(bid) + AVG(bid)', c: 'count(*)' },
    });
    const config = plan.config as { aggregates: unknown[]; inputs: unknown[] };
    expect(config.aggregates).toHaveLength(3);
    expect(config.inputs).toHaveLength(2);
  });

  test('lets select use the window and the keys', () => {
    const plan = soundPlan(SCHEMA, {
      window: hopping(10, 2),
      groupBy: { hour: "DATE_TRUNC('hour', at)" },
      select: { length: 'window_end - window_start', late: 'hour < window_start' },
    });
    expect(describeSchema(plan.outputs[0]!.stream.schema)).toContain('length duration, late bool');
  });
});

describe('results that are revised', () => {
  const changing = { window: tumbling(10), emit: { kind: 'change' as const } };

  test('say what they change, behind the other columns', () => {
    const select = { most: 'MAX(bid)' };
    const late = { window: { ...tumbling(10), latenessUs: 5 }, groupBy: ['ad'], select };
    for (const text of [late, { ...changing, groupBy: ['ad'], select }]) {
      const [out] = soundPlan(SCHEMA, text).outputs;
      expect(describeSchema(out!.stream.schema)).toBe(
        'window_start timestamp, window_end timestamp, ad int32, most float64, change string',
      );
      expect(out!.stream.change).toBe(4);
    }
    const plain = soundPlan(SCHEMA, { window: tumbling(10), select }).outputs[0]!;
    expect(plain.stream.change).toBeUndefined();
  });

  test('have no other column of that name', () => {
    const message = "column 'change' is what results that are revised say of themselves; rename it";
    expect(issuesOf(SCHEMA, { ...changing, select: { change: 'COUNT(*)' } })).toEqual([
      `select.change: ${message}`,
    ]);
    const keyed = { ...changing, groupBy: { change: 'ad' }, select: { n: 'COUNT(*)' } };
    expect(issuesOf(SCHEMA, keyed)).toEqual([`groupBy: ${message}`]);
  });

  test('come of streams of changes, whose rows all aggregates can take back', () => {
    const select = { n: 'COUNT(*)', about: 'APPROX_COUNT_DISTINCT(bid)' };
    const schema = [...SCHEMA, { name: 'op', type: { kind: 'string' as const } }];
    const emit = { kind: 'change' as const };
    expect(issuesOf(schema, { emit, select }, true, 6)).toEqual([
      'select.about: APPROX_COUNT_DISTINCT cannot take rows back, as this stream of changes asks for',
    ]);
    const stream = "'in' is a stream of changes, of which some take rows back";
    const each = { emit: { kind: 'each' as const }, select: { n: 'COUNT(*)' } };
    expect(issuesOf(schema, each, true, 6)).toEqual([
      `emit: ${stream}, and a group may go, which updates do not say: write "onChange", or leave it ` +
        'out for results at the end of the input',
    ]);
    const gap = { kind: 'session' as const, gapUs: 1 };
    expect(issuesOf(schema, { window: gap, select: { n: 'COUNT(*)' } }, true, 6)).toEqual([
      `window: ${stream}, which may part a session in two; sessions take such a stream only with 'revisions': {"keep": "1h"}`,
    ]);
  });

  test('over changes are a stream of changes themselves only where they are revised', () => {
    const schema = [...SCHEMA, { name: 'op', type: { kind: 'string' as const } }];
    const select = { n: 'COUNT(*)' };
    const columns = (text: AggregateText): string => {
      const { stream } = soundPlan(schema, text, true, 6).outputs[0]!;
      return `${describeSchema(stream.schema)}: ${stream.change}`;
    };
    const edges = 'window_start timestamp, window_end timestamp';
    expect(columns({ select })).toBe('n int64: undefined');
    expect(columns({ select, window: tumbling(9) })).toBe(`${edges}, n int64: undefined`);
    const every = { kind: 'every' as const, everyUs: 3 };
    for (const more of [{ window: { ...tumbling(9), latenessUs: 1 } }, { emit: every }]) {
      const text = { select, window: tumbling(9), ...more };
      expect(columns(text)).toBe(`${edges}, n int64, change string: 3`);
    }
  });

  test('over changes use aggregates of modules where the object that took a row gives it back', () => {
    const schema = [...SCHEMA, { name: 'op', type: { kind: 'string' as const } }];
    const user: AggregateOperator['aggregates'][number] = {
      name: 'spread',
      module: './spread.js',
      export: 'default',
      arguments: [{ kind: 'float64' }],
      returns: { kind: 'float64' },
      retracts: true,
    };
    const text = { select: { x: 'spread(bid)' }, aggregates: [user] };
    expect(issuesOf(schema, { ...text, window: tumbling(9) }, true, 6)).toEqual([]);
    const late = { ...tumbling(9), latenessUs: 1 };
    expect(issuesOf(schema, { ...text, window: late }, true, 6)).toEqual([
      "select.x: 'spread' takes back only what the same object was given: for a stream of changes " +
        'write "emit": "onChange", or leave emit and allowedLateness out',
    ]);
  });
});

describe('a mistake in an aggregate', () => {
  test('is a window without event time', () => {
    const text = { window: tumbling(10), select: { n: 'COUNT(*)' } };
    expect(issuesOf(SCHEMA, text, false)).toEqual([
      "window: a window needs event time, and 'in' has none; give its source a 'time'",
    ]);
  });

  test('is a column that is neither a key nor aggregated', () => {
    expect(issuesOf(SCHEMA, { groupBy: ['ad'], select: { x: 'user' } })[0]).toMatch(
      /^select\.x: column 'user' differs between the rows of a group: add it to groupBy, or aggregate it as in MIN\(user\)/,
    );
    expect(issuesOf(SCHEMA, { groupBy: ['ad'], select: { x: 'SUM(bid) / bid' } })[0]).toMatch(
      /^select\.x: column 'bid' differs/,
    );
  });

  test('is a mistyped key or column', () => {
    expect(issuesOf(SCHEMA, { groupBy: ['usr'], select: {} })).toEqual([
      "groupBy.0: unknown column 'usr' in 'in' (ad, user, bid, price, at, tags) [user]",
    ]);
    expect(issuesOf(SCHEMA, { select: { x: 'SUM(bidd)' } })[0]).toMatch(
      /^select\.x: unknown column 'bidd'; did you mean 'bid'\?/,
    );
    expect(issuesOf(SCHEMA, { groupBy: { k: 'usr' }, select: {} })[0]).toMatch(/^groupBy\.k: /);
  });

  test('is a name that is taken', () => {
    expect(issuesOf(SCHEMA, { groupBy: ['ad'], select: { ad: 'COUNT(*)' } })).toEqual([
      "select.ad: column 'ad' is already that of groupBy; rename it",
    ]);
    const window = tumbling(10);
    expect(issuesOf(SCHEMA, { window, select: { window_end: 'COUNT(*)' } })).toEqual([
      "select.window_end: column 'window_end' is already that of the window; rename it",
    ]);
    expect(issuesOf(SCHEMA, { groupBy: { $agg0: 'ad' }, select: { n: 'COUNT(*)' } })).toEqual([
      "groupBy: the name '$agg0' is reserved; rename the key",
    ]);
  });

  test('is an aggregate of the wrong type, or in the wrong place', () => {
    expect(issuesOf(SCHEMA, { select: { x: 'SUM(user)' } })[0]).toMatch(
      /^select\.x: SUM has no meaning/,
    );
    expect(issuesOf(SCHEMA, { select: { x: 'MAX(tags)' } })[0]).toMatch(
      /^select\.x: MAX has no meaning/,
    );
    expect(issuesOf(SCHEMA, { select: { x: 'SUM(MAX(bid))' } })[0]).toMatch(
      /^select\.x: an aggregate/,
    );
    expect(issuesOf(SCHEMA, { groupBy: { k: 'COUNT(*)' }, select: {} })[0]).toMatch(
      /^groupBy\.k: a key/,
    );
    expect(issuesOf(SCHEMA, { groupBy: ['tags'], select: {} })[0]).toMatch(
      /^groupBy\.0: key 'tags' is json/,
    );
  });

  test('is a group that is too large', () => {
    const groupBy = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 'ad']));
    expect(issuesOf(SCHEMA, { groupBy, select: {} })).toEqual([
      'groupBy: there are 33 keys; at most 32 are possible',
    ]);
  });

  test('is reported with all others', () => {
    expect(issuesOf(SCHEMA, { select: { x: 'SUM(', y: 'user', z: 'COUNT(*)' } })).toHaveLength(2);
  });
});

test('updates at even times need event time, and have it', () => {
  const emit = { kind: 'every', everyUs: 1 } as const;
  const text = { select: { n: 'COUNT(*)' }, emit };
  const { issues } = planAggregate(schemaOf({ a: 'int32' }), text, false);
  expect(issues).toEqual([expect.stringMatching(/^emit: .*need event time, and 'in' has none/)]);
  expect(soundPlan(schemaOf({ a: 'int32' }), text).outputs[0]!.stream.hasTime).toBe(true);
});
