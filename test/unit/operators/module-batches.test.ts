/** Functions that are called with batches: columns where they lie, and columns that they fill. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Batch } from '../../../src/core/batch.ts';
import type { OperatorPlan, Outbox } from '../../../src/core/operator.ts';
import { createModuleKernel } from '../../../src/operators/module/kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { soundPlan } from '../../support/kernel/documents.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import type { RunResult, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel, testContext } from '../../support/kernel/run-kernel.ts';
import { schemaOf } from './aggregate-nodes.ts';

const LONG = 'a name that does not fit its view';
const SOURCE = `
export function doubled(input, output) {
  const x = input.column('x');
  const twice = output.column('twice');
  for (let i = 0; i < input.selected; i++) {
    const row = input.selection[i];
    if (x.isNull(row)) twice.setNull(row);
    else twice.f64[row] = 2 * x.f64[row];
    output.setText('text', row, '${LONG} ' + input.timeUs(row));
  }
  output.show('name', input.column('name'));
}
export function kept(input, output) {
  const rows = [];
  for (let i = 0; i < input.selected; i++) {
    const row = input.selection[i];
    if (!input.columns[0].isNull(row) && input.columns[0].f64[row] > 2) rows.push(row);
  }
  output.show('name', input.column('name'));
  output.keep(rows, rows.length);
}
export const all = (input, output) => output.show('name', input.column('name'));
export const throws = () => { throw new RangeError('not today'); };
export const later = async () => undefined;
export const unknown = (input) => input.column('y');
export const wrong = (input, output) => output.show('twice', input.column('name'));
export const foreign = (input, output) => output.keep([input.rowCount], 1);
export const descending = (input, output) => output.keep([input.selection[1], input.selection[0]], 2);
export const broken = (input, output) => output.setText('text', input.selection[0], '\\ud800');
`;

const IN = { name: 'in', schema: schemaOf({ x: 'float64', name: 'string' }), hasTime: true };
const SCRIPT = Array.from({ length: 150 }, (_, i): Step => {
  const values = [i % 7 === 3 ? null : i, i % 5 === 1 ? null : `name ${i % 2 === 0 ? i : LONG}`];
  return { port: 0, row: { values, timeUs: i, lateByUs: i % 9 === 2 ? 4 : 0 } };
});

let base = '';

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'millrace-batches-'));
  await writeFile(path.join(base, 'batches.mjs'), SOURCE);
});

afterAll(() => rm(base, { recursive: true, force: true }));

const planOf = (name: string, onError = 'stop'): OperatorPlan =>
  soundPlan(
    {
      type: 'module',
      module: './batches.mjs',
      export: name,
      per: 'batch',
      onError,
      schema: { twice: 'float64', text: 'string', name: 'string' },
    },
    [IN],
  );

const run = (name: string, onError?: string): Promise<RunResult> =>
  runKernel(createModuleKernel, planOf(name, onError), SCRIPT, {
    rowCapacity: 64,
    baseDirectory: base,
  });

describe('a function gets a batch', () => {
  test('and fills columns, row for row', async () => {
    const { out } = await run('doubled');
    expect(out.rows()).toEqual(
      SCRIPT.map((step) => {
        if (!('row' in step)) throw new Error('a script of rows');
        const { values, timeUs, lateByUs } = step.row;
        const [x, name] = values;
        const twice = x === null ? null : 2 * Number(x);
        return { values: [twice, `${LONG} ${timeUs}`, name], timeUs, lateByUs };
      }),
    );
  });

  test('and may keep fewer rows', async () => {
    const names = (await run('kept')).out.rows().map(({ values }) => values[2]);
    const wanted = SCRIPT.flatMap((step) =>
      'row' in step && Number(step.row.values[0]) > 2 ? [step.row.values[1]] : [],
    );
    expect(names).toEqual(wanted);
  });

  test('of which columns can go on as they are, without a copy', async () => {
    const { context } = testContext({ rowCapacity: 64, baseDirectory: base });
    const kernel = await createModuleKernel(planOf('all'), context);
    const batch = allocateBatch(IN, 64, 4096, context.memory);
    fillBatch(batch, [{ values: [1, LONG], timeUs: 5 }]);
    let offered: Batch | undefined;
    const out = { offer: (_: number, given: Batch) => void (offered = given) };
    kernel.onBatch(0, batch, out as unknown as Outbox);
    expect(offered!.columns[2]).toBe(batch.columns[1]);
    expect(offered!.selection).toBe(batch.selection);
    expect(offered!.timeWords).toBe(batch.timeWords);
  });
});

test.each([
  ['throws', /threw .*not today/],
  ['unknown', /there is no column 'y' \(x, name\)/],
  ['wrong', /column 'twice' shows columns of float64 of the input only/],
  ['foreign', /expected rows of the input, ascending; found 64 at 0/],
  ['descending', /expected rows of the input, ascending; found 0 at 1/],
  ['broken', /column 'text' cannot hold that text/],
])('%s: the rows of the batch are in error', async (name, message) => {
  await expect(run(name)).rejects.toMatchObject({ code: 'ERR_USER_CODE', node: 'tested' });
  await expect(run(name)).rejects.toThrow(message);
  const { out, errors } = await run(name, 'skip');
  expect([out.rows().length, errors]).toEqual([0, SCRIPT.length]);
});

test('an asynchronous function is refused', async () => {
  await expect(run('later', 'skip')).rejects.toThrow(/the function is asynchronous/);
});

describe('conformance', () => {
  // Made here, where the folder is not known yet.
  const subject = {
    create: createModuleKernel,
    plan: planOf('doubled'),
    script: SCRIPT,
    keepsOrder: true,
    get baseDirectory() {
      return base;
    },
  };
  describeKernel('module of batches', subject);
});
