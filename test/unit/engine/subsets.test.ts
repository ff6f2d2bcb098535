/** What does not go together with shedding whole groups is refused, and why. */
import { describe, expect, test } from 'vitest';
import { compileTopology, loadTopology } from '../../../src/engine/load.ts';
import { planUpdate } from '../../../src/engine/update/plan-update.ts';
import { validateTopology } from '../../../src/index.ts';

const schema = { at: 'timestamp', ad: 'int32', tier: 'string', bid: 'float64' };
const bids = {
  connector: 'embedded',
  schema,
  time: { field: 'at' },
  admission: { onOverload: 'shed', windows: 'subset' },
};
const window = { type: 'tumbling', size: '1s' };
const sums = {
  type: 'aggregate',
  input: 'bids',
  groupBy: ['ad'],
  window,
  select: { n: 'COUNT(*)' },
};

interface Parts {
  readonly admission?: object;
  readonly sources?: object;
  readonly operators?: object;
  /** What the sink reads. */
  readonly last?: string;
}

function documentOf({ admission, sources, operators = { sums }, last = 'sums' }: Parts): object {
  const source = { ...bids, admission: { ...bids.admission, ...admission } };
  return {
    version: 1,
    name: 'subsets',
    sources: { bids: source, ...sources },
    operators,
    sinks: { out: { connector: 'discard', input: last } },
  };
}

const load = (parts: Parts) => loadTopology(documentOf(parts), { workers: 1 });

function issues(parts: Parts): string[] {
  const found = validateTopology(documentOf(parts), { workers: 1 }).issues;
  return found.map(({ pointer, message }) => `${pointer}: ${message}`);
}

const SHED = `rows of 'bids' are shed by whole groups ("windows": "subset")`;
const GROUPS = `whole groups of 'bids' are shed ("windows": "subset")`;

describe('whole groups', () => {
  test('are known at the source through filters, maps, lookups and unions of ways', () => {
    const operators = {
      named: { type: 'map', input: 'bids', select: { '*': true, name: "tier || '!'", id: 'ad' } },
      split: { type: 'filter', input: 'named', routes: { low: 'bid < 5', high: 'true' } },
      both: { type: 'union', inputs: ['split.low', 'split.high'] },
      sums: { ...sums, input: 'both', groupBy: ['id', 'name'] },
      few: { type: 'filter', input: 'sums', where: 'n > 1' },
    };
    expect(issues({ operators, last: 'few', admission: { value: 'ad' } })).toEqual([]);
    const plan = compileTopology(load({ operators, last: 'few' }), { files: false });
    const { program, units } = plan.admission!.gates[0]!;
    expect(program.keys).toMatchObject([{ op: 'column', index: 1 }, { op: 'call' }]);
    expect(units).toMatchObject({ aggregate: 'sums', windowsPerRow: 1, strata: 1, isEven: true });
  });

  test.each([
    ['value', 'bid', 'bid'],
    ['class', 'tier', 'tier'],
    ['droppable', 'bid > 5', 'bid'],
    ['tenant', 'tier', 'tier'],
  ])('have one %s', (property, text, column) => {
    expect(issues({ admission: { [property]: text } })).toEqual([
      `/sources/bids/admission/${property}: ${GROUPS}, and '${property}' reads '${column}', which may differ ` +
        `between rows of a group: group 'sums' by it as well`,
    ]);
  });

  test.each<[string, object, string]>([
    [
      'sessions',
      { window: { type: 'session', gap: '1s' } },
      'where a session ends depends on rows that may be shed',
    ],
    [
      'processing time',
      { window: { ...window, time: 'processing' } },
      'when a row arrives at the aggregate is not known',
    ],
    [
      'updates',
      { window: undefined, emit: 'each' },
      'results that come before all rows are in may turn out not to be whole',
    ],
    [
      'too many windows',
      { window: { type: 'hopping', size: '1s', slide: '1ms' } },
      'a row would be in more than 64 windows',
    ],
    ['float keys', { groupBy: ['bid'] }, "key 'bid' is float64: cast it to what is equal or not"],
  ])('do not go together with %s', (_, change, reason) => {
    const [issue, ...others] = issues({ operators: { sums: { ...sums, ...change } } });
    expect(issue).toContain(`${SHED}, and ${reason}`);
    expect(others).toEqual([]);
  });

  test('must be known when a row comes', () => {
    const table = { path: 't.csv', schema: { ad: 'int32', owner: 'string' } };
    const names = { type: 'lookup', input: 'bids', table, on: { ad: 'ad' } };
    const operators = { names, sums: { ...sums, input: 'names', groupBy: ['owner'] } };
    expect(issues({ operators })).toEqual([
      `/operators/sums/groupBy: ${SHED}, and key 'owner' is not known at the source: 'names' looks it up`,
    ]);
  });

  test('are those of one aggregate, whose results alone are whole', () => {
    const at = '/sources/bids/admission/windows';
    const other = { ...sums, groupBy: ['tier'] };
    expect(issues({ operators: { sums, other } })).toEqual([
      `${at}: ${GROUPS}, and 'sums' and 'other' each have groups of their own: give each a source of its own`,
    ]);
    expect(issues({ operators: {}, last: 'bids' })).toEqual([
      `${at}: ${GROUPS}, and sink 'out' would get parts of them: no aggregate is on the way`,
    ]);
    expect(issues({ last: 'sums.late' })).toEqual([
      `${at}: ${GROUPS}, and 'sums.late', which 'out' reads, would lack rows of them`,
    ]);
    const total = { type: 'aggregate', input: 'sums', window, select: { n: 'SUM(n)' } };
    expect(issues({ operators: { sums, total }, last: 'total' })).toEqual([
      `/operators/total: results are left out of 'sums', whose rows were shed ("windows": "subset"), ` +
        `and 'aggregate' would not know which`,
    ]);
    const dedup = { type: 'dedup', input: 'bids', key: ['ad'], within: '1s' };
    expect(issues({ operators: { dedup }, last: 'dedup' })[0]).toContain(
      "which only an aggregate can leave out; 'dedup' would see parts of them",
    );
  });

  test('come from one source', () => {
    const operators = {
      both: { type: 'union', inputs: ['bids', 'more'] },
      sums: { ...sums, input: 'both' },
    };
    const found = issues({ operators, sources: { more: bids } });
    expect(found).toContain(
      `/operators/sums/groupBy: ${SHED}, and those of 'more' are of the same groups`,
    );
    const plain = { ...bids, admission: undefined };
    expect(
      issues({
        operators: { ...operators, both: { ...operators.both, columns: 'loose' } },
        sources: { more: plain },
      }),
    ).toEqual([`/operators/both/inputs/1: ${SHED}, those of 'more' are not`]);
  });

  test('do not become others while the topology runs', () => {
    const operators = {
      named: { type: 'map', input: 'bids', select: { id: 'ad', bid: 'bid * 2' } },
      sums: { ...sums, input: 'named', groupBy: ['id'] },
    };
    const loaded = load({ operators });
    const plan = compileTopology(loaded, { files: false });
    const update = (select: object) => planUpdate(loaded, plan, 'named', { select });
    expect(() => update({ id: 'ad % 10', bid: 'bid' })).toThrow('would make them others');
    expect(update({ id: 'ad', bid: 'bid * 3' }).tasks).toHaveLength(1);
  });
});
