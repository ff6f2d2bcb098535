/** Aggregates for tests: nodes, plans, kernels. @module */

import type { OperatorPlan, RowErrorPolicy } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type {
  AggregateOperator,
  AggregateWindow,
  Emit,
  JoinWindow,
  RowWindow,
  Window,
} from '../../../src/core/topology/model.ts';
import type { DataType } from '../../../src/core/types.ts';
import { parseTypeName } from '../../../src/core/types.ts';
import { planOperator } from '../../../src/operators/specs.ts';

/** An aggregate as a test writes it. */
export interface AggregateText {
  readonly groupBy?: readonly string[] | Readonly<Record<string, string>>;
  readonly window?: AggregateWindow;
  readonly rowWindow?: RowWindow;
  readonly emit?: Emit;
  readonly select?: Readonly<Record<string, string>>;
  readonly onError?: RowErrorPolicy;
  readonly aggregates?: AggregateOperator['aggregates'];
  readonly onLimit?: AggregateOperator['onLimit'];
}

/** A schema from type names. */
export function schemaOf(types: Readonly<Record<string, string>>): Schema {
  return Object.entries(types).map(([name, type]) => ({ name, type: typeOf(type) }));
}

function typeOf(name: string): DataType {
  const type = parseTypeName(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

/** Tumbling windows. */
export function tumbling(sizeUs: number, offsetUs = 0): JoinWindow {
  return { kind: 'tumbling', sizeUs, offsetUs };
}

/** Hopping windows. */
export function hopping(sizeUs: number, slideUs: number, offsetUs = 0): JoinWindow {
  return { kind: 'hopping', sizeUs, slideUs, offsetUs };
}

/** Cumulating windows. */
export function cumulating(sizeUs: number, stepUs: number, offsetUs = 0): Window {
  return { kind: 'cumulating', sizeUs, stepUs, offsetUs };
}

/** Sessions. */
export function sessions(gapUs: number): AggregateWindow {
  return { kind: 'session', gapUs };
}

/** The node of a normalised topology. */
export function aggregateNode(text: AggregateText): AggregateOperator {
  const { groupBy = [], select = {} } = text;
  const at = '/operators/tested';
  return {
    section: 'operators',
    type: 'aggregate',
    name: 'tested',
    inputs: [{ node: 'in', port: '', pointer: `${at}/input` }],
    onError: text.onError ?? 'stop',
    parallel: undefined,
    ...(text.onLimit === undefined ? {} : { onLimit: text.onLimit }),
    window: text.window,
    rowWindow: text.rowWindow,
    emit: text.emit ?? { kind: 'end' },
    aggregates: text.aggregates ?? [],
    groupBy: Array.isArray(groupBy)
      ? groupBy.map((name: string) => ({ kind: 'column', name, pointer: at }))
      : Object.entries(groupBy as Record<string, string>).map(([name, text]) => ({
          kind: 'expression',
          name,
          text,
          pointer: at,
        })),
    select: Object.entries(select).map(([name, text]) => ({ name, text, pointer: at })),
  };
}

/** What planning gave: a plan, or problems as `path: message`. */
export interface Planned {
  readonly plan: OperatorPlan | undefined;
  readonly issues: readonly string[];
}

/** Plans an aggregate over a stream named `in`, of changes if there is a column that says which. */
export function planAggregate(
  schema: Schema,
  text: AggregateText,
  hasTime = true,
  change?: number,
): Planned {
  const issues: string[] = [];
  const input = { name: 'in', stream: { schema, hasTime, change } };
  const plan = planOperator(aggregateNode(text), [input], (path, message, suggestion) => {
    const meant = suggestion === undefined ? '' : ` [${suggestion}]`;
    issues.push(`${path.join('.')}: ${message.split('\n')[0]}${meant}`);
  });
  return { plan, issues };
}

/** The plan of an aggregate that has no mistakes. */
export function soundPlan(
  schema: Schema,
  text: AggregateText,
  hasTime = true,
  change?: number,
): OperatorPlan {
  const { plan, issues } = planAggregate(schema, text, hasTime, change);
  if (plan === undefined) throw new Error(issues.join('\n'));
  return plan;
}
