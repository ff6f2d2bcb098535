/** Requests to actors that come as rows: who answers them, and what. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { KernelFactory, OperatorPlan } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { INT32, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { normalizeOperator } from '../../../src/core/topology/operators/index.ts';
import { decodeJson, encodeJson } from '../../../src/rows/values/json.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { planNode, type TestInput } from '../../support/kernel/operator-nodes.ts';
import { type ClockedStep, runKernel } from '../../support/kernel/run-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-requests-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'tills.mjs'),
  `
class Base { get kind() { return 'a till'; } get constructed() { return this.constructor.name; } }
export class Till extends Base {
  static loaded = 'today';
  static get twice() { return 2; }
  #secret = 7;
  total = 0;
  constructor(context) { super(); this.key = context.key; Object.defineProperty(this, 'context', { value: context }); }
  get mean() { return this.rows === 0 ? null : this.total / this.rows; }
  rows = 0;
  get broken() { throw new RangeError('no ' + this.total); }
  get talks() { this.context.emit({ word: 'said' }); return 1; }
  get later() { this.context.callAt(5); return 1; }
  get keeps() { this.context.persist('a', 1); return 1; }
  get leaves() { this.context.expire(); return this.rows; }
  get huge() { return 'x'.repeat(300000); }
  get odd() { return new Map(); }
  method() { return 1; }
  save() { return [this.total, this.rows]; }
  restore([total, rows]) { this.total = total; this.rows = rows; }
  onRow({ n }) { this.total += n; this.rows++; }
  onEnd({ emit }) { if (this.rows > 90) emit({ word: String(this.total) }); }
}`,
);

const WORK: Schema = [
  { name: 'who', type: STRING },
  { name: 'n', type: INT32 },
];
const ASKS: Schema = [
  { name: 'client', type: INT32 },
  { name: 'query', type: { kind: 'json' } },
  { name: 'who', type: STRING },
];
const inputs: readonly TestInput[] = [
  { name: 'work', schema: WORK, hasTime: true },
  { name: 'asks', schema: ASKS, hasTime: false },
];

function planOf(
  settings: object = {},
  streams: readonly TestInput[] = inputs,
): { plan: OperatorPlan | undefined; issues: string[] } {
  const document = {
    type: 'actor',
    input: 'work',
    requests: 'asks',
    key: 'who',
    module: './tills.mjs',
    export: 'Till',
    schema: { word: 'string' },
    ...settings,
  };
  return planNode(normalizeOperator('tested', document as never), streams);
}

/** The kernel of one of several tasks. */
const task =
  (instance: number, instances: number): KernelFactory =>
  (plan, context) =>
    createKernel(plan, { ...context, instance, instances });

const work = (who: string, n: number, timeUs: number): ClockedStep => ({
  port: 0,
  row: { values: [who, n], timeUs },
});
const ask = (client: number, query: unknown, who: string | null): ClockedStep => ({
  port: 1,
  row: { values: [client, encodeJson(query)!.slice(), who] },
});

async function answers(
  script: readonly ClockedStep[],
  settings: object = {},
  [instance, instances]: readonly [number, number] = [0, 1],
): Promise<unknown[][]> {
  const { plan } = planOf(settings);
  const options = { rowCapacity: 64, baseDirectory: folder };
  const { out } = await runKernel(task(instance, instances), plan!, script, options);
  const decode = (value: unknown): unknown =>
    value instanceof Uint8Array ? decodeJson(value) : value;
  return out.rows(1).map(({ values }) => values.map(decode));
}

/** Result and exception of one request to the instance of `a`, which has the rows 2 and 5. */
async function askedOf(query: unknown, who: string | null = 'a'): Promise<unknown[]> {
  const script = [work('a', 2, 1), work('b', 9, 2), work('a', 5, 3), ask(1, query, who)];
  const [row, ...more] = await answers(script);
  expect(more).toEqual([]);
  expect(row!.slice(0, 4)).toEqual([1, query, who, 0]);
  return row!.slice(4);
}

describe('a request', () => {
  test('gets properties and getters of the instance of its key', async () => {
    const names = ['total', '$mean', 'kind', 'key'];
    const values = { total: 7, mean: 3.5, kind: 'a till', key: ['a'] };
    expect(await askedOf(names)).toEqual([values, null]);
    expect(await askedOf('rows')).toEqual([{ rows: 2 }, null]);
  });

  test('is told, name by name, why there is no value', async () => {
    const [result, exception] = await askedOf(['total', 'broken', 'none', 'method', 'odd']);
    expect(result).toEqual({ total: 7 });
    expect(exception).toEqual({
      broken: 'no 7',
      none: "there is no property or getter 'none'",
      method: "'method' is a method; a property or a getter can be asked for",
      odd: 'it is a Map, which JSON cannot say',
    });
  });

  test.each(['constructor', '__proto__', 'toString', 'onRow', '#secret', 'hasOwnProperty', ''])(
    'finds nothing under %j',
    async (name) => {
      const [result, exception] = await askedOf(['total', name]);
      // Nothing under '__proto__' can be said in JSON either: then the whole has no answer.
      if (name === '__proto__') expect(exception).toHaveProperty(['']);
      else expect(result).toEqual({ total: 7 });
      expect(Object.keys(exception as object)).toHaveLength(1);
    },
  );

  test('changes nothing: who is asked may only look', async () => {
    const [result, exception] = await askedOf(['talks', 'later', 'keeps', 'leaves']);
    expect(result).toEqual({ leaves: 2 });
    expect(Object.keys(exception as object)).toEqual(['talks', 'later', 'keeps']);
    const script = [work('a', 2, 1), ask(1, ['leaves'], 'a'), work('a', 3, 2)];
    const after = await answers([...script, ask(2, 'rows', 'a')]);
    expect(after.at(-1)!.slice(4)).toEqual([{ rows: 2 }, null]);
  });

  test('makes no instance', async () => {
    const script = [work('a', 2, 1), ask(1, 'total', 'z'), ask(2, 'count', null)];
    const [none, count] = await answers(script);
    expect(none!.slice(4)).toEqual([{}, { total: 'there is no instance with this key' }]);
    expect(count!.slice(4)).toEqual([{ count: 1 }, null]);
  });

  test('without a key is for all: their number, and what is static of their class', async () => {
    const [result, exception] = await askedOf(['count', 'loaded', 'twice', 'name'], null);
    expect(result).toEqual({ count: 2, loaded: 'today', twice: 2 });
    expect(Object.keys(exception as object)).toEqual(['name']);
  });

  test('to an actor without a key is for its only instance', async () => {
    const script = [work('a', 2, 1), work('b', 9, 2), ask(1, ['total', 'key'], null)];
    const [row] = await answers(script, { key: undefined });
    expect(row!.slice(4)).toEqual([{ total: 11, key: [] }, null]);
  });

  test('for more than a slot has room for, or that makes no sense, says so', async () => {
    expect(await askedOf(['huge'])).toEqual([{}, { '': expect.stringContaining('slot') }]);
    const sense = { '': 'expected a name, or a list of them' };
    expect(await askedOf([1])).toEqual([{}, sense]);
    expect(await askedOf({ a: 1 })).toEqual([{}, sense]);
    expect(await askedOf(Array.from({ length: 101 }, () => 'total'))).toEqual([{}, sense]);
  });
});

test('one task of several answers for a key, and each for all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.stringMatching(/^[a-e]{1,20}$/), { nil: null }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (keys, instances) => {
        const script = keys.map((who, i) => ask(i, 'count', who));
        const counts = keys.map(() => 0);
        for (let instance = 0; instance < instances; instance++) {
          const rows = await answers(script, {}, [instance, instances]);
          for (const [client] of rows) counts[client as number]!++;
        }
        expect(counts).toEqual(keys.map((who) => (who === null ? instances : 1)));
      },
    ),
    { numRuns: 10 },
  );
});

test.each([
  [{ by: { columns: ['who'] } }, undefined, "requests: with 'by' nobody knows"],
  [{}, [ASKS[0]!, ASKS[1]!], "requests: unknown column 'who' in 'asks'"],
  [{}, [ASKS[0]!, ASKS[2]!], "requests: unknown column 'query' in 'asks'"],
  [
    {},
    [ASKS[1]!, { name: 'who', type: INT32 }],
    "requests: 'who' of 'asks' is int32; expected string",
  ],
  [{}, [{ name: 'query', type: INT32 }, ASKS[2]!], "requests: 'query' of 'asks' is int32"],
  [{}, [...ASKS, { name: 'result', type: INT32 }], "requests: 'result' is a column of answers"],
])('refuses requests that cannot be (%#)', (settings, schema, issue) => {
  const streams = [inputs[0]!, { ...inputs[1]!, schema: (schema as Schema | undefined) ?? ASKS }];
  const { plan, issues } = planOf(settings, streams);
  expect(plan).toBeUndefined();
  expect(issues).toEqual([expect.stringContaining(issue)]);
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
describeKernel('actor that is asked', {
  create: createKernel,
  plan: planOf().plan!,
  script: Array.from({ length: 150 }, (_, i): ClockedStep => {
    const who = NAMES[(i * 5) % 7]!;
    if (i % 3 > 0) return work(who, i, i);
    return ask(i, ['total', 'count', 'broken'], i % 9 === 0 ? null : who);
  }),
  keepsOrder: true,
  leastRows: 40,
  baseDirectory: folder,
});
