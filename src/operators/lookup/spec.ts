/** What `lookup` means. @module */

import { nearestName } from '../../core/nearest-name.ts';
import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { fieldIndex, type Schema } from '../../core/schema.ts';
import type {
  LookupKey,
  LookupKind,
  LookupOperator,
  TableFile,
  TableModule,
} from '../../core/topology/model.ts';
import { sameType, typeName } from '../../core/types.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface LookupConfig {
  readonly kind: LookupKind;
  readonly table: TableFile | TableModule;
  /** Positions in the input's columns, and, in the same order, in the table's. */
  readonly inputKeys: readonly number[];
  readonly tableKeys: readonly number[];
  /** Positions of the table's other columns, which are added to the input's. */
  readonly values: readonly number[];
}

/**
 * `lookup` adds to each row the columns of the table's row with the same key. A key is in the table
 * once at most. A null key matches nothing.
 *
 * Where code of the user's is asked, a batch waits for its answers, and those behind it wait as well.
 *
 * Stateless; keeps order; at most one row out for each row in, event time and lateness as they were.
 */
export const lookupSpec: OperatorSpec<LookupOperator> = {
  kind: 'lookup',
  updates: ['table'],
  takesChanges: true,
  takesWeights: true,
  takesSubsets: 'all',

  plan(
    node: LookupOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const { schema } = node.table;
    const keys = planKeys(node, input, report);
    if (keys === undefined) return undefined;
    const isFilter = node.kind === 'semi' || node.kind === 'anti';
    const values = schema.flatMap((_, c) => (isFilter || keys.table.includes(c) ? [] : [c]));
    const added = values.map((c) => schema[c]!);
    let isSound = true;
    const isAsked = 'module' in node.table;
    if (isAsked && input.stream.change !== undefined) {
      // An old version and a new one might find different rows.
      isSound = false;
      const message = `'${input.name}' is a stream of changes, and what a module answers may change`;
      report(['module'], message);
    }
    for (const { name } of added) {
      if (fieldIndex(input.stream.schema, name) < 0) continue;
      isSound = false;
      report(
        isAsked ? ['schema', name] : ['table', 'schema', name],
        `'${input.name}' has a column '${name}' as well`,
      );
    }
    if (!isSound) return undefined;
    const config: LookupConfig = {
      kind: node.kind,
      table: node.table,
      inputKeys: keys.input,
      tableKeys: keys.table,
      values,
    };
    // The input's columns come first, so that its change column stays where it is.
    const stream = { ...input.stream, schema: [...input.stream.schema, ...added] };
    return {
      kind: 'lookup',
      ...(isAsked ? { time: 'both' } : {}),
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

interface Keys {
  readonly input: readonly number[];
  readonly table: readonly number[];
}

function planKeys(
  { on, table }: LookupOperator,
  { name, stream }: InputStream,
  report: ReportIssue,
): Keys | undefined {
  const found = on.map((key) => {
    // Where the document has it, without the node's own place.
    const steps = key.pointer.slice(key.pointer.lastIndexOf('/on/') + 1).split('/');
    const at = (message: string, suggestion?: string): undefined => {
      report(['on', ...steps.slice(1)], message, suggestion);
    };
    const own = positionOf(key.input, stream.schema, `'${name}'`, at);
    const other = positionOf(key.table, table.schema, 'the table', at);
    if (own === undefined || other === undefined) return undefined;
    return checkTypes(key, stream.schema, own, table.schema, other, at)
      ? { own, other }
      : undefined;
  });
  if (!found.every((pair) => pair !== undefined)) return undefined;
  return { input: found.map(({ own }) => own), table: found.map(({ other }) => other) };
}

type Complain = (message: string, suggestion?: string) => undefined;

function positionOf(
  column: string,
  schema: Schema,
  owner: string,
  complain: Complain,
): number | undefined {
  const position = fieldIndex(schema, column);
  if (position >= 0) return position;
  const names = schema.map((field) => field.name);
  const message = `unknown column '${column}'; ${owner} has ${names.join(', ')}`;
  return complain(message, nearestName(column, names));
}

function checkTypes(
  key: LookupKey,
  inputSchema: Schema,
  own: number,
  tableSchema: Schema,
  other: number,
  complain: Complain,
): boolean {
  const { type } = inputSchema[own]!;
  const tableType = tableSchema[other]!.type;
  if (!sameType(type, tableType)) {
    const found = `'${key.input}' is ${typeName(type)}, '${key.table}' of the table ${typeName(tableType)}`;
    complain(`expected columns of one type; ${found}`);
    return false;
  }
  if (type.kind === 'float64' || type.kind === 'json') {
    complain(`a key of type ${type.kind} is not looked up: expected one that is equal or not`);
    return false;
  }
  return true;
}
