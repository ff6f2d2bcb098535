/**
 * An aggregate in two stages: partial aggregates on each worker, put together behind the exchange.
 * Pure.
 *
 * Between them go the keys and the partial aggregates of groups, of the last microsecond of the slice
 * of time that they are of.
 *
 * @module
 */

import type {
  Distribution,
  OperatorPlan,
  OperatorStages,
  OutputPort,
} from '../../core/operator.ts';
import type { Schema, StreamType } from '../../core/schema.ts';
import type { DataType } from '../../core/types.ts';
import type { TypedExpr } from '../../expr/index.ts';
import type { PartialColumn } from '../../state/index.ts';
import { partialColumns, planRecord } from '../../state/index.ts';
import type { AggregateConfig, AggregatePlanConfig } from './config.ts';
import { Port } from './config.ts';
import { repeatsOf } from './plan-keys.ts';

/** With more columns than this, what goes between the stages would need slots of some MiB. */
const MOST_COLUMNS = 64;

/**
 * The stages of an aggregate. There are none for updates with each row, which depend on the order of
 * rows; for sessions; for results that are revised; for distinct values; and where rows in error are kept, which both stages may find.
 */
export function planStages(
  plan: OperatorPlan,
  config: AggregatePlanConfig,
): OperatorStages | undefined {
  if (config.session !== undefined || config.revision !== undefined) return undefined;
  if (plan.onError === 'deadLetter' || config.emit.kind === 'each') return undefined;
  const keys = config.keys.map(({ expr }) => expr.type);
  const partials = partialColumns(planRecord(keys, config.aggregates), config.aggregates);
  if (partials === undefined || keys.length + partials.length > MOST_COLUMNS) return undefined;
  const hasTime = plan.time !== 'processing' && (config.window ?? config.emit.kind === 'every');
  const between: StreamType = {
    schema: schemaOf(config, partials),
    hasTime: hasTime !== false,
  };
  const withOut = (out: Partial<OutputPort>): readonly OutputPort[] =>
    plan.outputs.map((port, p) => (p === Port.OUT ? { ...port, ...out } : port));
  const final = finalConfig(config, between.schema, partials);
  const first = plan.outputs[Port.OUT]!.repeats!.length - keys.length;
  return {
    local: {
      ...plan,
      note: 'of one worker',
      config: { ...config, stage: 'local' } satisfies AggregatePlanConfig,
      outputs: withOut({ stream: between, repeats: repeatsOf(config.keys, 0) }),
      distribution: { kind: 'any' },
    },
    final: {
      ...plan,
      config: final,
      inputs: [between],
      outputs: withOut({ repeats: repeatsOf(final.keys, first) }),
      distribution: distributionOf(plan.distribution, keys.length),
    },
  };
}

/** Keys, then partial aggregates. */
function schemaOf({ keys }: AggregatePlanConfig, partials: readonly PartialColumn[]): Schema {
  return [
    ...keys.map(({ name, expr }) => ({ name, type: expr.type })),
    ...partials.map(({ type }, i) => ({ name: `$partial${i}`, type })),
  ];
}

function finalConfig(
  config: AggregatePlanConfig,
  schema: Schema,
  partials: readonly PartialColumn[],
): AggregatePlanConfig {
  const { keys, aggregates } = config;
  const columnAt = (index: number): TypedExpr => columnOf(index, schema[index]!);
  return {
    ...config,
    stage: 'final',
    keys: keys.map(({ name }, k) => ({ name, expr: columnAt(k) })),
    inputs: partials.map((_, p) => ({ argument: columnAt(keys.length + p), filter: undefined })),
    aggregates: aggregates.map((aggregate, a): AggregateConfig => {
      const own = partials.findIndex((partial) => partial.aggregate === a);
      return own < 0 ? aggregate : { ...aggregate, input: own, isFiltered: false };
    }),
  };
}

function columnOf(index: number, { name, type }: { name: string; type: DataType }): TypedExpr {
  return { op: 'column', type, input: 0, index, position: index, name };
}

/** Rows of the final stage are whole groups of keys: all of them are columns there. */
function distributionOf(whole: Distribution, keys: number): Distribution {
  if (whole.kind !== 'keys') return whole;
  return { kind: 'keys', columns: [Array.from({ length: keys }, (_, k) => k)] };
}
