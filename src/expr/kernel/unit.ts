/** What threads get of a kernel: plain data, made by the thread that plans. @module */

import { storageOf } from '../../core/types.ts';
import type { ModuleList } from '../../wasm/index.ts';
import { compileModule } from '../../wasm/index.ts';
import { canFail } from '../batch/can-fail.ts';
import type { TypedColumn, TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';
import { isSameInput } from './kernel-inputs.ts';
import { buildKernel } from './kernel-module.ts';
import type { KernelShape, KernelVariant } from './kernel-shape.ts';
import { kernelKey } from './kernel-shape.ts';
import type { KernelProgram } from './program.ts';
import { hasFilter } from './program.ts';

/** All that can be said of a kernel before it runs. */
export interface KernelUnit {
  /** What all variants of its module have in common. */
  readonly shape: Omit<KernelShape, keyof KernelVariant>;
  /** The key of the module for batches without nulls of which many rows pass. */
  readonly key: string;
  /** Whether a row may fail. */
  readonly mayFail: boolean;
}

/** The variant that is planned for. */
const PLAIN: KernelVariant = { withNulls: false, isSparse: false };

/**
 * Looks at a program.
 *
 * @param inputs - columns of the batch, and operands that are computed before the kernel runs
 */
export function planUnit(
  program: KernelProgram,
  inputs: readonly TypedExpr[] = givenColumns(program),
): KernelUnit {
  const { steps, stored, folds } = program;
  const shape = {
    steps,
    stored,
    folds,
    blocks: blocksOf(program, inputs),
    inputs,
    storages: inputs.map(({ type }) => storageOf(type)),
  };
  const key = kernelKey({ ...shape, ...PLAIN });
  return { shape, key, mayFail: steps.some(({ expr }) => canFail(expr)) };
}

/** The columns of the batch that a program reads, each once. */
function givenColumns({ steps, folds }: KernelProgram): readonly TypedColumn[] {
  const computed = new Set(steps.map((step) => (step.kind === 'value' ? step.column : -1)));
  const found = new Map<number, TypedColumn>();
  const visit = (expr: TypedExpr): void => {
    if (expr.op === 'column' && !computed.has(expr.index)) found.set(expr.index, expr);
    operandsOf(expr).forEach(visit);
  };
  for (const { expr } of steps) visit(expr);
  for (const { argument, filter } of folds) {
    if (argument !== undefined) visit(argument);
    if (filter !== undefined) visit(filter);
  }
  return [...found.values()];
}

/** Blocks of larger programs do not go in pairs: twice the code takes twice as long to compile. */
const MOST_PAIRED_NODES = 40;
/** Largest program of which a step computes {@link SMALL_BLOCKS}: there the loop itself costs as much. */
const SMALL_NODES = 3;
const SMALL_BLOCKS = 4;

/** Blocks of a step of the loop. */
function blocksOf(program: KernelProgram, inputs: readonly TypedExpr[]): number {
  const nodes = program.steps.reduce((sum, { expr }) => sum + countNodes(expr, inputs), 0);
  if (hasFilter(program)) return nodes <= MOST_PAIRED_NODES ? 2 : 1;
  return program.folds.length === 0 && nodes <= SMALL_NODES ? SMALL_BLOCKS : 1;
}

function countNodes(expr: TypedExpr, inputs: readonly TypedExpr[]): number {
  if (inputs.some((input) => isSameInput(input, expr))) return 1;
  return operandsOf(expr).reduce((sum, operand) => sum + countNodes(operand, inputs), 1);
}

/** Adds the module of a unit, for batches without nulls, on the thread that plans. */
export function addModule({ shape, key }: KernelUnit, list: ModuleList): void {
  list.add(key, () => buildKernel({ ...shape, ...PLAIN }));
}

/** The module of a variant, planned for or not. */
export function kernelModule({ shape }: KernelUnit, variant: KernelVariant): WebAssembly.Module {
  const whole = { ...shape, ...variant };
  return compileModule(kernelKey(whole), () => buildKernel(whole));
}
