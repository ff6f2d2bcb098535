/**
 * What every kernel must do: give the same rows however its input is cut into batches, whatever
 * lies between the selected rows, and whenever an output is full; and keep nothing of a batch.
 *
 * @module
 */

import { describe, expect, test } from 'vitest';
import type { KernelFactory, OperatorPlan } from '../../src/core/operator.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { ClockedStep, RunOptions, RunResult } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

/** A kernel and what it is tested on. */
export interface KernelUnderTest {
  readonly create: KernelFactory;
  readonly plan: OperatorPlan;
  /** Rows of a port are cut into batches between watermarks and rows of other ports. */
  readonly script: readonly ClockedStep[];
  /** Rows leave in the order in which they came. */
  readonly keepsOrder: boolean;
  /** At least so many rows come out, so that a test of nothing is noticed. */
  readonly leastRows?: number;
  readonly baseDirectory?: string;
  readonly stateLimitBytes?: number;
}

/** What a run gave, in a form that can be compared. */
interface Outcome {
  readonly ports: readonly (readonly string[])[];
  readonly late: number;
  readonly errors: number;
  readonly watermarkUs: number;
}

const ROW_CAPACITY = 64;
const SEEDS = [1, 2, 3, 4];

/** Something that every kernel must do. */
export interface KernelCheck {
  readonly name: string;
  /** Throws when the kernel does not. */
  readonly run: () => Promise<void>;
}

/** Declares the tests of one kernel. */
export function describeKernel(name: string, subject: KernelUnderTest): void {
  describe(`${name}: kernel conformance`, () => {
    for (const check of kernelChecks(subject)) test(check.name, check.run);
  });
}

/** The tests of one kernel. */
export function kernelChecks(subject: KernelUnderTest): readonly KernelCheck[] {
  const { create, plan, script, keepsOrder, leastRows = 1 } = subject;
  const run = async (options: Partial<RunOptions>): Promise<Outcome> => {
    const { baseDirectory = '/nowhere', stateLimitBytes } = subject;
    const limit = stateLimitBytes === undefined ? {} : { stateLimitBytes };
    const base = { rowCapacity: ROW_CAPACITY, baseDirectory, ...limit };
    return outcome(
      await runKernel(create, plan, script, { ...base, ...options }),
      plan,
      keepsOrder,
    );
  };
  let plain: Promise<Outcome> | undefined;
  const runPlain = (): Promise<Outcome> => (plain ??= run({}));
  /** A check that runs with these options give what a plain run gives. */
  const same = (name: string, ...runs: readonly Partial<RunOptions>[]): KernelCheck => ({
    name,
    run: async () => {
      for (const options of runs) expect(await run(options)).toEqual(await runPlain());
    },
  });
  const oneByOne = { batchRows: () => 1 };
  return [
    {
      name: 'gives rows at all, and the last watermark',
      run: async () => {
        const { ports, watermarkUs } = await runPlain();
        expect(ports.flat().length).toBeGreaterThanOrEqual(leastRows);
        if (plan.outputs.some(({ stream }) => stream.hasTime)) expect(watermarkUs).toBe(Infinity);
      },
    },
    same('gives the same with one row per batch', oneByOne),
    same('gives the same in larger batches', { rowCapacity: 1024 }),
    same(
      'goes on where it was when an output is full every other time',
      { refuses: true },
      { refuses: true, ...oneByOne },
    ),
    same('passes a slot on when its heap is full', { outputHeapBytes: 1024, refuses: true }),
    same('looks at selected rows only', { gaps: true }, { gaps: true, refuses: true, ...oneByOne }),
    ...SEEDS.flatMap((seed) => [
      same(`gives the same with batches of any size (seed ${seed})`, { batchRows: anySize(seed) }),
      same(`goes on where it was, with batches of any size (seed ${seed})`, {
        refuses: true,
        batchRows: anySize(seed),
      }),
      same(`looks at selected rows only, in batches of any size (seed ${seed})`, {
        gaps: true,
        refuses: seed % 2 === 0,
        batchRows: anySize(seed),
      }),
    ]),
    same(
      'goes on in another kernel, after every batch, with what it remembered',
      { renews: () => true },
      { renews: () => true, batchRows: anySize(7), refuses: true },
    ),
  ];
}

function outcome(result: RunResult, plan: OperatorPlan, keepsOrder: boolean): Outcome {
  const ports = plan.outputs.map((_, port) => {
    const keys = result.out.rows(port).map(rowKey);
    return keepsOrder ? keys : keys.sort();
  });
  const { late, errors, out } = result;
  return { ports, late, errors, watermarkUs: out.watermarkUs };
}

/** 1 to 64, drawn by a small generator. */
function anySize(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return 1 + ((state >>> 8) % (state & 1 ? 4 : 64));
  };
}
