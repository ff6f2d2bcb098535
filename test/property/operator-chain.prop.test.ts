/**
 * A chain of operators as one kernel, against the operators one by one: the same rows, counts and failures,
 * for random chains over random rows in random batches.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import { MillraceError } from '../../src/core/errors.ts';
import { goOn, tellEnd, tellWatermark } from '../../src/core/kernel-calls.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
  RowErrorPolicy,
} from '../../src/core/operator.ts';
import type { StateIo, Steps } from '../../src/core/state-io.ts';
import { chainProgram } from '../../src/operators/chain/chain.ts';
import * as deferred from '../../src/operators/chain/deferred.ts';
import { createChain, createKernel, createTail } from '../../src/operators/kernels.ts';
import { mapNode, soundNode, whereNode } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { hopping, schemaOf, soundPlan, tumbling } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({
  i: 'int32',
  l: 'int64',
  f: 'float64',
  b: 'bool',
  t: 'timestamp',
  s: 'string',
});

const RUNS = Number(process.env['MILLRACE_CHAIN_RUNS'] ?? 200);

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<Cell> =>
  fc.oneof({ weight: 9, arbitrary: of }, { weight: 1, arbitrary: fc.constant(null) });
const MAX = 2n ** 63n - 1n;

/** Null in some inputs only: kernels for rows without nulls are others. */
const valuesOf = (hasNulls: boolean): fc.Arbitrary<Cell[]> => {
  const maybe = hasNulls
    ? nullable
    : <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<Cell> => of;
  return fc.tuple(
    maybe(fc.oneof(fc.integer({ min: -5, max: 40 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
    maybe(fc.oneof(fc.bigInt(-9n, 9n), fc.constantFrom(MAX, -MAX - 1n, 2n ** 53n + 1n))),
    maybe(fc.constantFrom(0, -0, 0.25, -1.5, 7, 1024, NaN, Infinity)),
    maybe(fc.boolean()),
    maybe(fc.bigInt(-99n, 99n)),
    maybe(fc.constantFrom('', 'a', 'ab', 'b', 'a string longer than a view')),
  );
};

/** All keep the names and types of the columns. */
const MAPS: readonly Readonly<Record<string, string | true>>[] = [
  { '*': true, i: 'i % 7' },
  { '*': true, i: 'i + 1', f: 'f * 2 + 1' },
  { '*': true, i: '100 / i' },
  { '*': true, l: 'l + i', b: 'i > 3 OR b' },
  { i: 'i', l: 'CAST(i AS BIGINT)', f: 'CAST(i AS DOUBLE) * 0.5', b: 'f < 1.0', t: 't', s: 's' },
  { i: 'CASE WHEN b THEN i ELSE -1 END', l: 'l % 5', f: 'f', b: 'NOT b', t: 't', s: 's' },
  { i: 'COALESCE(i, 5)', l: 'l', f: '1.5', b: 'true', t: "t + INTERVAL '1' SECOND", s: 's' },
];
const FILTERS = [
  'i > 3',
  'f < 2.0 AND NOT b',
  'l % 3 = 0',
  "s = 'a' OR i < 20",
  'i IS NOT NULL',
  'b',
  '100 / i > 2',
  'i < 100000',
];
const WINDOWS = [undefined, tumbling(20), hopping(20, 5), tumbling(1000, 7)];
const SELECT = {
  n: 'COUNT(*)',
  ns: 'COUNT(s)',
  si: 'SUM(i)',
  sl: 'SUM(l)',
  sf: 'SUM(f) FILTER (WHERE f < 100.0)',
  af: 'AVG(f + 1.0) FILTER (WHERE b)',
  mini: 'MIN(i)',
  maxi: 'MAX(i) FILTER (WHERE i < 30)',
  minl: 'MIN(l)',
  maxl: 'MAX(l)',
  minf: 'MIN(f)',
  maxf: 'MAX(f)',
  maxt: 'MAX(t)',
};

const links = fc.oneof(
  fc.constantFrom(...MAPS).map((select) => ({ select, where: undefined })),
  fc.constantFrom(...FILTERS).map((where) => ({ select: undefined, where })),
);

interface Case {
  readonly members: readonly {
    readonly select?: object | undefined;
    readonly where?: string | undefined;
  }[];
  readonly window: (typeof WINDOWS)[number] | 'none';
  readonly onError: RowErrorPolicy;
  readonly rows: readonly {
    readonly timeUs: number;
    readonly lateByUs: number;
    readonly values: Cell[];
  }[];
  readonly batches: readonly number[];
  readonly gaps: boolean;
}

const rowsOf = (hasNulls: boolean) =>
  fc.array(
    fc.record({
      timeUs: fc.integer({ min: 0, max: 60 }),
      lateByUs: fc.oneof(
        { weight: 20, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constant(30) },
      ),
      values: valuesOf(hasNulls),
    }),
    { maxLength: 120 },
  );

const cases: fc.Arbitrary<Case> = fc.record({
  members: fc.array(links, { minLength: 1, maxLength: 5 }),
  window: fc.oneof(fc.constant('none' as const), fc.constantFrom(...WINDOWS)),
  onError: fc.constantFrom<RowErrorPolicy>('skip', 'stop'),
  rows: fc.boolean().chain(rowsOf),
  batches: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 4 }),
  gaps: fc.boolean(),
});

function plansOf({ members, window, onError }: Case): OperatorPlan[] {
  const inputs = [{ name: 'in', schema: SCHEMA, hasTime: true }];
  const plans = members.map(({ select, where }) =>
    where === undefined
      ? soundNode(mapNode(inputs, select as Record<string, string | true>, onError), inputs)
      : soundNode(whereNode(inputs, where, onError), inputs),
  );
  if (window !== 'none') {
    const windowed = window === undefined ? {} : { window };
    plans.push(soundPlan(SCHEMA, { ...windowed, select: SELECT, onError }));
  }
  return plans;
}

/** Rows in and out of each operator. */
type Counts = [rowsIn: number, rowsOut: number][];

/** Each operator hands its batches to the next. */
class OneByOne implements Kernel {
  readonly #kernels: readonly Kernel[];
  readonly #counts: Counts;

  constructor(kernels: readonly Kernel[], counts: Counts) {
    this.#kernels = kernels;
    this.#counts = counts;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    return batch.selected === 0 ? 'done' : this.#give(0, batch, out);
  }

  #give(member: number, batch: Batch, out: Outbox): Progress {
    const isLast = member === this.#kernels.length - 1;
    if (isLast) return this.#kernels[member]!.onBatch(0, batch, out);
    let progress: Progress = 'done';
    const offer = (_port: number, result: Batch): void => {
      if (result.selected === 0) return;
      this.#counts[member]![1] += result.selected;
      this.#counts[member + 1]![0] += result.selected;
      progress = this.#give(member + 1, result, out);
    };
    this.#kernels[member]!.onBatch(0, batch, { offer } as unknown as Outbox);
    return progress;
  }

  onWatermark(_port: number, watermarkUs: number, out: Outbox): Progress {
    return tellWatermark(this.#kernels.at(-1)!, 0, watermarkUs, out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    return tellEnd(this.#kernels.at(-1)!, 0, out);
  }

  resume(out: Outbox): Progress {
    return goOn(this.#kernels.at(-1)!, out);
  }

  state(io: StateIo): Steps | undefined {
    return this.#kernels.at(-1)!.state?.(io);
  }
}

type Make = (
  plans: readonly OperatorPlan[],
  context: KernelContext,
  counts: Counts,
) => Promise<Kernel>;

const oneByOne: Make = async (plans, context, counts) =>
  new OneByOne(await Promise.all(plans.map(async (plan) => createKernel(plan, context))), counts);

const asChain: Make = async (plans, context, counts) =>
  await createChain(
    chainProgram(plans),
    plans.map((plan) => ({ plan, context })),
    await createTail(plans.map((plan) => ({ plan, context }))),
    {
      rowsIn: (member, rows) => void (counts[member]![0] += rows),
      rowsOut: (member, rows) => void (counts[member]![1] += rows),
      watermark: () => undefined,
    },
    () => deferred,
  );

async function outcomeOf(make: Make, plans: readonly OperatorPlan[], run: Case): Promise<object> {
  const script: Step[] = [];
  run.rows.forEach((row, at) => {
    script.push({ port: 0, row });
    if (at % 50 === 49) script.push({ port: 0, watermarkUs: Math.floor(at / 10) });
  });
  const counts: Counts = plans.map(() => [0, 0]);
  const shown = { ...plans[0]!, outputs: plans.at(-1)!.outputs };
  let batch = 0;
  const options: RunOptions = {
    rowCapacity: 128,
    batchRows: () => run.batches[batch++ % run.batches.length]!,
    gaps: run.gaps,
  };
  try {
    const create = (_plan: OperatorPlan, context: KernelContext) => make(plans, context, counts);
    const { out, late, errors } = await runKernel(create, shown, script, options);
    const rows = shown.outputs.map((_, port) => out.rows(port).map(rowKey));
    return { rows, counts, late, errors, watermarkUs: out.watermarkUs };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { message: error.message };
  }
}

test(
  'a chain gives the rows, counts and failures of its operators',
  { timeout: 30_000 + 100 * RUNS },
  async () => {
    const seen = { chains: 0, failed: 0, folded: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async (run) => {
        const plans = plansOf(run);
        const chain = chainProgram(plans);
        expect(chain).toBeDefined();
        seen.chains++;
        if (chain!.folds.length > 0) seen.folded++;
        const wanted = await outcomeOf(oneByOne, plans, run);
        if ('message' in wanted) seen.failed++;
        expect(await outcomeOf(asChain, plans, run)).toEqual(wanted);
      }),
      { numRuns: RUNS },
    );
    expect(seen.folded).toBeGreaterThan(seen.chains / 4);
    expect(seen.failed).toBeGreaterThan(0);
  },
);
