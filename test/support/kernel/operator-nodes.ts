/** Operators as the topology has them, and their plans, from short descriptions. @module */

import type {
  InputStream,
  OperatorPlan,
  ReportIssue,
  RowErrorPolicy,
} from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type {
  FilterOperator,
  LookupKind,
  LookupOperator,
  MapOperator,
  ModuleOperator,
  NamedExpression,
  OperatorNode,
  TableDefinition,
  UnionOperator,
} from '../../../src/core/topology/model.ts';
import {
  normalizeOperator,
  type OperatorDocument,
} from '../../../src/core/topology/operators/index.ts';
import { planOperator } from '../../../src/operators/specs.ts';

/** An input: a stream's name, its columns, and whether it has event time. */
export interface TestInput {
  readonly name: string;
  readonly schema: Schema;
  readonly hasTime: boolean;
  /** Position of the column of weights, if its rows have them. */
  readonly weight?: number;
}

type Named = Readonly<Record<string, string | true>>;

const common = (inputs: readonly TestInput[], onError: RowErrorPolicy) => ({
  section: 'operators' as const,
  name: 'tested',
  inputs: inputs.map(({ name }, i) => ({
    node: name,
    port: '',
    pointer: `/operators/tested/inputs/${i}`,
  })),
  onError,
  parallel: undefined,
});

const expressions = (property: string, named: Named): NamedExpression[] =>
  Object.entries(named).flatMap(([name, text]) =>
    text === true ? [] : [{ name, text, pointer: `/operators/tested/${property}/${name}` }],
  );

/** `{"type": "filter", "where": …}` */
export function whereNode(
  inputs: readonly TestInput[],
  where: string,
  onError: RowErrorPolicy = 'stop',
): FilterOperator {
  const mode = {
    kind: 'where',
    where: { text: where, pointer: '/operators/tested/where' },
  } as const;
  return { ...common(inputs, onError), type: 'filter', mode };
}

/** `{"type": "filter", "routes": …}` */
export function routesNode(
  inputs: readonly TestInput[],
  routes: Named,
  onError: RowErrorPolicy = 'stop',
): FilterOperator {
  const rest = Object.entries(routes).find(([, condition]) => condition === true)?.[0];
  const mode = { kind: 'routes', routes: expressions('routes', routes), rest } as const;
  return { ...common(inputs, onError), type: 'filter', mode };
}

/** `{"type": "map", "select": …}`; `"*": true` as in a document. */
export function mapNode(
  inputs: readonly TestInput[],
  select: Named,
  onError: RowErrorPolicy = 'stop',
): MapOperator {
  const columns = expressions('select', select);
  const keepInput = select['*'] === true;
  return { ...common(inputs, onError), type: 'map', select: { keepInput, columns } };
}

/** `{"type": "union"}` */
export function unionNode(
  inputs: readonly TestInput[],
  onError: RowErrorPolicy = 'stop',
): UnionOperator {
  return { ...common(inputs, onError), type: 'union', columns: 'strict' };
}

/** `{"type": "lookup", …}` over a CSV file. */
export function lookupNode(
  inputs: readonly TestInput[],
  path: string,
  schema: Schema,
  on: Readonly<Record<string, string>>,
  kind: LookupKind = 'inner',
  onError: RowErrorPolicy = 'stop',
): LookupOperator {
  const format = { kind: 'csv', delimiter: ',', nullText: '', header: true } as const;
  const keys = Object.entries(on).map(([input, table]) => ({
    input,
    table,
    pointer: `/operators/tested/on/${input}`,
  }));
  const table = { path, format, gzip: path.endsWith('.gz'), schema };
  return { ...common(inputs, onError), type: 'lookup', table, on: keys, kind };
}

/** `{"type": "module", …}` */
export function moduleNode(
  inputs: readonly TestInput[],
  module: string,
  name: string,
  schema: Schema,
  onError: RowErrorPolicy = 'stop',
): ModuleOperator {
  return { ...common(inputs, onError), type: 'module', module, export: name, per: 'row', schema };
}

/** Plans an operator, and gathers what was reported as `path: message`. */
export function planNode(
  node: OperatorNode,
  inputs: readonly TestInput[],
  tables: readonly TableDefinition[] = [],
): { plan: OperatorPlan | undefined; issues: string[] } {
  const streams = inputs.map(({ name, schema, hasTime, weight }): InputStream => ({
    name,
    stream: { schema, hasTime, weight },
  }));
  const issues: string[] = [];
  const report: ReportIssue = (path, message) => {
    issues.push(`${path.join('/')}: ${message}`);
  };
  return { plan: planOperator(node, streams, report, tables), issues };
}

/** The plan of an operator that must be sound. */
export function soundNode(
  node: OperatorNode,
  inputs: readonly TestInput[],
  tables: readonly TableDefinition[] = [],
): OperatorPlan {
  const { plan, issues } = planNode(node, inputs, tables);
  if (plan === undefined || issues.length > 0) throw new Error(issues.join('\n'));
  return plan;
}

/** The plan of an operator as a document writes it, without its inputs. */
export function documentPlan(
  document: Readonly<Record<string, unknown>>,
  inputs: readonly TestInput[],
  tables: readonly TableDefinition[] = [],
): OperatorPlan {
  const names = inputs.map(({ name }) => name);
  const reads = names.length === 1 ? { input: names[0]! } : { inputs: names };
  const node = normalizeOperator('tested', { ...reads, ...document } as OperatorDocument);
  return soundNode(node, inputs, tables);
}
