/** Lookups that ask a module: what it may answer, what is kept of it, and for how long. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { INT32, INT64, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { Answers } from '../../../src/operators/lookup/answers.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { documentPlan } from '../../support/kernel/operator-nodes.ts';
import { type ClockedStep, runKernel } from '../../support/kernel/run-kernel.ts';

const MODULE = `
export function squares({ shift = 0 }, { keys }) {
  let calls = 0;
  return {
    lookup(wanted) {
      calls++;
      return wanted
        .filter(({ n }) => n % 5n !== 0n)
        .map(({ n, tag }) => ({ n, tag, square: n * n, text: tag + ' of call ' + (calls + shift) }));
    },
  };
}
export const plain = () => ({
  lookup: (keys) => keys.map((key) => ({ ...key, square: key.n * key.n, text: 'a text for ' + key.n })),
});
const one = (lookup) => () => ({ lookup });
export const text = one(() => 'rows');
export const twice = one(([key]) => [{ ...key }, { ...key }]);
export const other = one(([key]) => [{ ...key, n: 77n }]);
export const wrong = one(([key]) => [{ ...key, square: 'four' }]);
export const throws = one(() => { throw new Error('no table'); });
export const nothing = () => undefined;
export function closed() { throw new Error('no server'); }
`;

const folder = mkdtempSync(join(tmpdir(), 'millrace-lookup-'));
writeFileSync(join(folder, 'squares.mjs'), MODULE);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const INPUT = {
  name: 'in',
  schema: [
    { name: 'id', type: INT32 },
    { name: 'n', type: INT64 },
    { name: 'tag', type: STRING },
  ],
  hasTime: true,
};
const planOf = (document: object = {}) =>
  documentPlan(
    {
      type: 'lookup',
      module: './squares.mjs',
      export: 'squares',
      schema: { tag: 'string', n: 'int64', square: 'int64', text: 'string' },
      on: ['n', 'tag'],
      retry: { times: 0 },
      ...document,
    },
    [INPUT],
  );
const OPTIONS = { rowCapacity: 64, baseDirectory: folder };
const row = (id: number, n: bigint | null, tag = 'a tag that is long'): ClockedStep => ({
  port: 0,
  row: { values: [id, n, tag], timeUs: id },
});
const clock = (clockUs: number): ClockedStep => ({ clockUs });

async function run(script: readonly ClockedStep[], document: object = {}): Promise<unknown[][]> {
  const options = { ...OPTIONS, batchRows: () => 1 };
  const { out } = await runKernel(createKernel, planOf(document), script, options);
  return out.rows().map(({ values: [id, , , square, text] }) => [id, square, text]);
}

describe('what is kept', () => {
  const A = 'a tag that is long';

  test('is nothing, unless there is a cache', async () => {
    expect(await run([row(1, 2n), row(2, 2n)])).toEqual([
      [1, 4n, `${A} of call 1`],
      [2, 4n, `${A} of call 2`],
    ]);
  });

  test('is what was found, and what was not, for some time', async () => {
    const cache = { size: '1MiB', ttl: '1s' };
    const script = [row(1, 2n), row(2, 5n), clock(999_999), row(3, 2n), row(4, 5n)];
    const later = [clock(1_000_000), row(5, 2n), row(6, 5n), row(7, 3n)];
    expect(await run([...script, ...later], { cache, kind: 'left' })).toEqual([
      [1, 4n, `${A} of call 1`],
      [2, null, null],
      [3, 4n, `${A} of call 1`],
      [4, null, null],
      // Calls 3 and 4 were for what had become too old.
      [5, 4n, `${A} of call 3`],
      [6, null, null],
      [7, 9n, `${A} of call 5`],
    ]);
  });

  test('has a bound: what was used last stays', async () => {
    const cache = { size: '700B' };
    const script = [1n, 2n, 1n, 3n, 1n, 2n].map((n, id) => row(id, n));
    const texts = (await run(script, { cache })).map(([, , text]) => text);
    expect(texts.map((text) => Number(String(text).split(' ').at(-1)))).toEqual([1, 2, 1, 3, 1, 4]);
  });

  test('takes no more room when other keys come', () => {
    const schema = [
      { name: 'n', type: INT32 },
      { name: 'text', type: STRING },
    ];
    const answers = new Answers(schema, [0], { limitBytes: 20_000, ttlUs: Infinity });
    for (let batch = 0; batch < 300; batch++) {
      const asked = new Map(
        Array.from({ length: 20 }, (_, i) => {
          const id = String(batch * 20 + i);
          return [id, answers.expect(id)] as const;
        }),
      );
      for (const [id, answer] of asked) {
        expect(answers.take({ n: Number(id), text: 'x'.repeat(100) }, asked)).toBeUndefined();
        answers.settle(answer, 0);
      }
      answers.trim(0);
      expect(answers.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(answers.count).toBeGreaterThan(50);
    expect(answers.columns[1]!.bytes).toBeLessThan(100_000);
  });
});

describe('rows are in error', () => {
  test.each([
    ['text', 'the answer has no list of rows'],
    ['twice', 'the answer has two rows with the key 2, a tag that is long'],
    ['other', 'the answer has a row with a key that was not asked for: 77, a tag that is long'],
    ['wrong', "the answer has a row does not fit: field 'square': expected int64"],
    ['throws', 'no table, after 1 call'],
  ])('where the module is like %s', async (name, message) => {
    const key = 'the key {"n":2,"tag":"a tag that is long"} could not be looked up: ';
    const failed = run([row(1, null), row(2, 2n)], { export: name });
    await expect(failed).rejects.toMatchObject({ code: 'ERR_USER_CODE', node: 'tested' });
    await expect(failed).rejects.toThrow(key + message);
    expect(await run([row(1, null), row(2, 2n)], { export: name, onError: 'skip' })).toEqual([]);
  });

  test.each([
    ['nothing', "module ./squares.mjs: 'nothing' returned no object with a function 'lookup'"],
    ['closed', "module ./squares.mjs: 'closed' threw no server"],
    ['missing', "module ./squares.mjs: exports no function 'missing'"],
  ])('or it cannot be opened: %s', async (name, message) => {
    await expect(run([], { export: name })).rejects.toThrow(message);
  });
});

describeKernel('lookup that asks a module', {
  create: createKernel,
  plan: planOf({ export: 'plain', kind: 'left', cache: { size: '2KiB' }, batch: 3 }),
  script: Array.from({ length: 100 }, (_, i) =>
    i % 20 === 19
      ? { port: 0, watermarkUs: 3 * i - 50 }
      : row(3 * i, i % 9 === 0 ? null : BigInt(i % 11), 'x'),
  ),
  keepsOrder: true,
  leastRows: 90,
  baseDirectory: folder,
});
