/** From what an operator's rows have been made: for whoever asks which group a row will be of. @module */

import type { OperatorPlan } from '../core/operator.ts';
import type { UnitWindows } from '../core/subsets.ts';
import { expressionColumns, substituteColumns, type TypedExpr } from '../expr/index.ts';
import type { AggregatePlanConfig, KeyConfig } from './aggregate/config.ts';
import type { MapConfig } from './map/spec.ts';
import type { UnionConfig } from './union/spec.ts';

/** The groups of an aggregate whose rows are shed by whole groups. */
export interface Groups {
  readonly keys: readonly KeyConfig[];
  readonly windows: UnitWindows | undefined;
}

/** @param plan - of an aggregate over rows that are shed by whole groups */
export function groupsOf(plan: OperatorPlan): Groups {
  const { keys, unit } = plan.config as AggregatePlanConfig;
  return { keys, windows: unit!.windows };
}

/** An expression over rows of an input of an operator. */
export interface OverInput {
  readonly input: number;
  readonly expr: TypedExpr;
}

/**
 * What an expression over rows that an operator hands on is over the rows it takes, for each input; a sentence
 * where it cannot be said.
 *
 * @param name - of the operator
 */
export function overInputs(
  { kind, config, inputs }: OperatorPlan,
  name: string,
  expr: TypedExpr,
): readonly OverInput[] | string {
  switch (kind) {
    case 'filter':
      return [{ input: 0, expr }];
    case 'lookup': {
      const own = inputs[0]!.schema.length;
      const isAdded = expressionColumns(expr).some((column) => column >= own);
      return isAdded ? `'${name}' looks it up` : [{ input: 0, expr }];
    }
    case 'map': {
      const { columns } = config as MapConfig;
      const before = substituteColumns(expr, (column) => columns[column]!.expr);
      const isOfRow = expressionColumns(before).every((c) => c < inputs[0]!.schema.length);
      return isOfRow ? [{ input: 0, expr: before }] : `'${name}' makes it of a parameter`;
    }
    case 'union':
      return inputs.map((_, input): OverInput => {
        const columns = (config as UnionConfig | undefined)?.columns[input];
        const own = columns && substituteColumns(expr, (column) => columns[column]!.expr);
        return { input, expr: own ?? expr };
      });
    default:
      return `'${name}' makes it`;
  }
}
