/** What threads get of a fused program: plain data, made by the thread that plans. @module */

import { storageOf } from '../../core/types.ts';
import type { ModuleList } from '../../wasm/index.ts';
import { compileModule } from '../../wasm/index.ts';
import { canFail } from '../batch/can-fail.ts';
import type { Fold } from './fold.ts';
import type { FusedShape, FusedVariant } from './fused-module.ts';
import { buildFused, fusedKey } from './fused-module.ts';
import type { FusedStep } from './program.ts';
import { givenColumns } from './program.ts';

/** Blocks of larger programs do not go in pairs: twice the code takes twice as long to compile. */
const MOST_PAIRED_NODES = 40;

/** What a fused kernel computes. */
export interface FusedCode {
  readonly steps: readonly FusedStep[];
  /** Computed columns that are wanted. */
  readonly stored: readonly number[];
  readonly folds: readonly Fold[];
}

/** All that can be said of a fused kernel before it runs. */
export interface FusedUnit {
  /** What all variants of its module have in common. */
  readonly shape: Omit<FusedShape, keyof FusedVariant>;
  /** The key of the module for batches without nulls of which many rows pass. */
  readonly key: string;
  /** Whether a row may fail. */
  readonly mayFail: boolean;
}

/** Looks at a program. */
export function planUnit({ steps, stored, folds }: FusedCode): FusedUnit {
  const others = folds.flatMap(({ argument, filter }) => [argument ?? [], filter ?? []].flat());
  const inputs = givenColumns(steps, others);
  const hasFilter = steps.some(({ kind }) => kind === 'filter');
  const nodes = steps.reduce((sum, step) => sum + step.nodes, 0);
  const shape = {
    steps,
    stored,
    folds,
    isPaired: hasFilter && nodes <= MOST_PAIRED_NODES,
    inputs,
    storages: inputs.map(({ type }) => storageOf(type)),
  };
  const key = fusedKey({ ...shape, withNulls: false, isSparse: false });
  return { shape, key, mayFail: steps.some(({ expr }) => canFail(expr)) };
}

/** Adds the module of a unit, for batches without nulls, on the thread that plans. */
export function addFusedModule({ shape, key }: FusedUnit, list: ModuleList): void {
  list.add(key, () => buildFused({ ...shape, withNulls: false, isSparse: false }));
}

/** The module of a variant that was not planned for. */
export function fusedModule({ shape }: FusedUnit, variant: FusedVariant): WebAssembly.Module {
  const whole = { ...shape, ...variant };
  return compileModule(fusedKey(whole), () => buildFused(whole));
}
