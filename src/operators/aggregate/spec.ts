/**
 * The meaning of an aggregate: groups rows by keys, per window of event time or over the whole
 * input, and computes aggregates of each group.
 *
 * ```
 *   window_start, window_end (if windowed) │ keys │ select
 * ```
 *
 * Ports: the results, and `late`: input rows that came too late for every window, as they are.
 *
 * @module
 */

import { CHANGE_FIELD } from '../../core/changes.ts';
import type {
  Distribution,
  InputStream,
  OperatorPlan,
  OperatorSpec,
  ReportIssue,
} from '../../core/operator.ts';
import type { Field, Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { UserAggregateNode } from '../../core/topology/model/aggregate.ts';
import type { AggregateOperator, NamedExpression } from '../../core/topology/model.ts';
import type { AggregateCall, Expr, Scope, TypedAggregate, TypedExpr } from '../../expr/index.ts';
import {
  childrenOf,
  expressionError,
  extractAggregates,
  formatTyped,
  inferAggregate,
  inferExpression,
  isFunctionName,
  parseExpression,
  scopeOf,
  unknownFunction,
} from '../../expr/index.ts';
import { UNIT_FIELD } from '../../core/subsets.ts';
import { TIMESTAMP } from '../../core/types.ts';
import type { AggregateSpec, OtherInput, UserAggregate } from '../../state/index.ts';
import { MAX_RECORD_CELLS, recordCells } from '../../state/index.ts';
import { noteIssues } from '../note-issues.ts';
import { inputScope } from '../parameters/plan.ts';
import { planLimit } from './plan-limit.ts';
import { withErrorsPort } from '../row-failures.ts';
import type { WindowConfig } from '../window-scheme.ts';
import { isProcessingTime, WINDOW_FIELDS, windowConfig } from '../window-scheme.ts';
import { describe } from './describe.ts';
import { planRevision } from './changes/plan-revision.ts';
import { estimatedSelect } from './estimates.ts';
import { edgeFields, ROW_FIELDS } from './rows/config.ts';
import { attempt, planKeys, repeatsOf } from './plan-keys.ts';
import { planRowWindow } from './rows/plan.ts';
import { planStages } from './stages.ts';
import { refusePartialUnits, UNIT_AGGREGATE, unitWindows } from './whole-units.ts';
import type { AggregateConfig, AggregateInput, AggregatePlanConfig, KeyConfig } from './config.ts';

/** What an aggregate means. */
export const aggregateSpec: OperatorSpec<AggregateOperator> = {
  kind: 'aggregate',
  replays: true,
  takesChanges: true,
  takesParameters: true,
  takesWeights: true,
  takesSubsets: 'rows',

  plan(node, inputs, report): OperatorPlan | undefined {
    const plan = planAggregate(node, inputs, report);
    const { stream } = inputs[0]!;
    if (plan === undefined || stream.weight === undefined) return plan;
    const weight = stream.schema[stream.weight]!.name;
    const select = estimatedSelect(node.select, weight, plan.outputs[0]!.stream.schema, report);
    return select && planAggregate({ ...node, select }, inputs, report);
  },
};

function planAggregate(
  node: AggregateOperator,
  inputs: readonly InputStream[],
  report: ReportIssue,
): OperatorPlan | undefined {
  const input = inputs[0]!;
  const { issue, isSound } = noteIssues(report);
  const window = planWindow(node, input, issue);
  const rowWindow = node.rowWindow && planRowWindow(node.rowWindow, input, issue);
  checkEmit(node, input, issue);
  checkAggregateNames(node, issue);
  const keys = planKeys(node, input, issue);
  if (!isSound()) return undefined;
  const selected = planSelect(node, input, { window, rowWindow }, keys, issue);
  const revised = planRevision(node, input, selected, issue);
  const config = planLimit(node, input, revised, issue);
  if (input.stream.unit !== undefined) refusePartialUnits(node, config, input, issue);
  checkNames(config, issue);
  if (!isSound()) return undefined;
  if (
    recordCells(
      keys.map(({ expr }) => expr.type),
      config.aggregates,
      config.retracts,
    ) > MAX_RECORD_CELLS
  ) {
    issue(['select'], `${config.aggregates.length} aggregates are more than a group can hold`);
  }
  if (!isSound()) return undefined;
  const { hasTime } = config;
  const schema = outputSchema(config);
  const change = config.revision?.givesChanges === true ? schema.length - 1 : undefined;
  const isSubset = input.stream.unit === undefined ? undefined : true;
  const out = {
    name: 'out',
    stream: { schema, hasTime, change, isSubset },
    repeats: repeatsOf(keys, windowFields(config).length),
  };
  const isTimed = isProcessingTime(node.window) || node.rowWindow?.time === 'processing';
  // Rows are never late for the moment in which they arrive, nor for windows that go by rows.
  const ports =
    isTimed || rowWindow !== undefined ? [out] : [out, { name: 'late', stream: input.stream }];
  const plan: OperatorPlan = {
    kind: 'aggregate',
    note: describe(node, isTimed),
    time: isTimed ? 'processing' : 'event',
    config,
    inputs: [input.stream],
    outputs: withErrorsPort(ports, node.onError),
    distribution: distributionOf(keys),
    onError: node.onError,
    ...(config.spills === true ? { spill: { kind: 'rows' } } : {}),
  };
  return rowWindow === undefined ? { ...plan, stages: planStages(plan, config) } : plan;
}

function planWindow(
  { window }: AggregateOperator,
  input: InputStream,
  issue: ReportIssue,
): WindowConfig | undefined {
  if (window === undefined) return undefined;
  if (!input.stream.hasTime && !isProcessingTime(window)) {
    issue(
      ['window'],
      `a window needs event time, and '${input.name}' has none; give its source a 'time'`,
    );
  }
  return window.kind === 'session' ? undefined : windowConfig(window);
}

function checkEmit(
  { emit, window }: AggregateOperator,
  input: InputStream,
  issue: ReportIssue,
): void {
  if (emit.kind !== 'every' || input.stream.hasTime || window !== undefined) return;
  issue(
    ['emit'],
    `updates at even times need event time, and '${input.name}' has none; give its source a 'time'`,
  );
}

/** A name that is called in `select`, and by nothing else. */
function checkAggregateNames({ aggregates }: AggregateOperator, issue: ReportIssue): void {
  const taken = new Set<string>();
  for (const { name } of aggregates) {
    const path = ['aggregates', name];
    if (!/^[A-Za-z_]\w*$/.test(name)) issue(path, `'${name}' is no name that can be called`);
    else if (isFunctionName(name) || taken.has(name.toUpperCase())) {
      issue(path, `there is a function '${name}' already; rename the aggregate`);
    }
    taken.add(name.toUpperCase());
  }
}

/** Types the aggregates and `select`. */
function planSelect(
  node: AggregateOperator,
  input: InputStream,
  { window, rowWindow }: Pick<AggregatePlanConfig, 'window' | 'rowWindow'>,
  keys: readonly KeyConfig[],
  issue: ReportIssue,
): AggregatePlanConfig {
  const plan = new AggregateList(inputScope(input), node.aggregates);
  const groupFields: readonly Field[] = [
    ...(rowWindow === undefined ? [] : edgeFields(rowWindow)),
    ...(node.window === undefined ? [] : WINDOW_FIELDS),
    ...keys.map(({ name, expr }) => ({ name, type: expr.type })),
    ...(rowWindow === undefined ? [] : ROW_FIELDS),
  ];
  const rest = node.select.map((column) =>
    attempt(['select', column.name], issue, () => plan.extract(column, groupFields, input)),
  );
  const unit = input.stream.unit === undefined ? undefined : plan.unit(groupFields, input);
  const result = [...groupFields, ...plan.fields];
  const scope = scopeOf(result);
  const select: KeyConfig[] = [];
  node.select.forEach(({ name }, i) => {
    const expr = rest[i];
    if (expr === undefined) return;
    const typed = attempt(['select', name], issue, () => inferExpression(expr, scope));
    if (typed !== undefined) select.push({ name, expr: typed });
  });
  const { emit } = node;
  const hasTime =
    node.window !== undefined ||
    emit.kind === 'every' ||
    ((emit.kind === 'each' || rowWindow !== undefined) && input.stream.hasTime) ||
    node.rowWindow?.time === 'processing';
  const { inputs, aggregates } = plan;
  const session = node.window?.kind === 'session' ? { gapUs: node.window.gapUs } : undefined;
  return {
    stage: 'whole',
    window,
    session,
    rowWindow,
    revision: undefined,
    emit,
    hasTime,
    keys,
    inputs,
    aggregates,
    result,
    select,
    ...(unit === undefined ? {} : { unit: { column: unit, windows: unitWindows(window) } }),
  };
}

/** The aggregates of all selected columns: equal ones are computed once. */
class AggregateList {
  readonly inputs: AggregateInput[] = [];
  readonly aggregates: AggregateConfig[] = [];
  /** Result columns of the aggregates. */
  readonly fields: Field[] = [];
  readonly #scope: Scope;
  #calls: readonly AggregateCall[] = [];
  readonly #inputKeys = new Map<string, number>();
  readonly #distinctKeys = new Map<string, number>();

  readonly #users: ReadonlyMap<string, UserAggregateNode>;

  constructor(scope: Scope, users: readonly UserAggregateNode[]) {
    this.#scope = scope;
    this.#users = new Map(users.map((user) => [user.name.toUpperCase(), user]));
  }

  /** Takes the aggregates out of a selected column; what is left reads groups' columns. */
  extract(column: NamedExpression, groupFields: Schema, input: InputStream): Expr {
    const { aggregates, expr } = extractAggregates(
      parseExpression(column.text),
      this.#calls,
      this.#users,
    );
    for (const call of aggregates.slice(this.#calls.length)) {
      const typed = inferAggregate(call, this.#scope, this.#users);
      const { type } = typed;
      this.aggregates.push({ ...this.#configOf(typed, call, input), field: column.name });
      this.fields.push({ name: call.column, type });
      this.#calls = [...this.#calls, call];
    }
    refuseUngrouped(expr, [...groupFields, ...this.fields], input);
    return expr;
  }

  /** Adds what gives the number of a group; its column among those of results. */
  unit(groupFields: Schema, input: InputStream): number {
    const column = { name: UNIT_FIELD.name, text: UNIT_AGGREGATE, pointer: '' };
    const { name } = this.extract(column, groupFields, input) as Extract<Expr, { kind: 'column' }>;
    return groupFields.length + fieldIndex(this.fields, name);
  }

  #configOf(typed: TypedAggregate, { call }: AggregateCall, input: InputStream): AggregateSpec {
    const { fn, argument, filter, distinct, isByTime, isDescending, parameter, accuracy } = typed;
    const { hasTime } = input.stream;
    if (isByTime && !hasTime && (fn === 'first' || fn === 'last')) {
      throw expressionError(
        call.span,
        `'${input.name}' has no event time to say what comes ${fn}: write ` +
          `${fn.toUpperCase()}(x ORDER BY y), or give its source a 'time'`,
      );
    }
    const others: OtherInput[] = typed.others.map((other) => ({
      input: this.#inputOf(other.expr, filter),
      type: other.expr.type,
      ...(other.isDescending ? { isDescending: true } : {}),
    }));
    if (isByTime && hasTime) {
      others.push({ input: this.#timeInput(), type: TIMESTAMP, isTime: true });
    }
    return {
      kind: fn,
      argument: argument?.type,
      isDistinct: distinct,
      ...(distinct && argument !== undefined ? { values: this.#valuesOf(argument) } : {}),
      input: this.#inputOf(argument, filter),
      isFiltered: filter !== undefined,
      ...(others.length === 0 ? {} : { others }),
      ...(isDescending ? { isDescending } : {}),
      ...(parameter === undefined ? {} : { parameter }),
      ...(accuracy === undefined ? {} : { accuracy }),
      ...this.#userOf(call.name),
    };
  }

  #userOf(called: string | undefined): { user?: UserAggregate } {
    if (called === undefined) return {};
    const { name, module, export: exported, returns, retracts } = this.#users.get(called)!;
    return { user: { name, module, export: exported, returns, retracts } };
  }

  /** The number of an argument of distinct aggregates. */
  #valuesOf(argument: TypedExpr): number {
    const key = formatTyped(argument);
    const number = this.#distinctKeys.get(key) ?? this.#distinctKeys.size;
    this.#distinctKeys.set(key, number);
    return number;
  }

  /** Event times of rows. */
  #timeInput(): number {
    const known = this.inputs.findIndex(({ isTime }) => isTime === true);
    if (known >= 0) return known;
    return this.inputs.push({ argument: undefined, filter: undefined, isTime: true }) - 1;
  }

  #inputOf(argument: TypedExpr | undefined, filter: TypedExpr | undefined): number {
    const key = [argument, filter].map((expr) => (expr ? formatTyped(expr) : '')).join('\n');
    const known = this.#inputKeys.get(key);
    if (known !== undefined) return known;
    const index = this.inputs.push({ argument, filter }) - 1;
    this.#inputKeys.set(key, index);
    return index;
  }
}

/** @throws MillraceError `ERR_EXPRESSION` when an input column is read outside of an aggregate, as by a mistyped one */
function refuseUngrouped(expr: Expr, known: Schema, input: InputStream): void {
  if (expr.kind === 'call' && !isFunctionName(expr.name)) {
    throw unknownFunction(expr.name, expr.span);
  }
  const name = expr.kind === 'column' ? expr.name : undefined;
  if (
    name !== undefined &&
    fieldIndex(known, name) < 0 &&
    fieldIndex(input.stream.schema, name) >= 0
  ) {
    throw expressionError(
      expr.span,
      `column '${name}' differs between the rows of a group: add it to groupBy, or aggregate it ` +
        `as in MIN(${name})`,
    );
  }
  if (name !== undefined && fieldIndex(input.parameters ?? [], name) >= 0) {
    throw expressionError(
      expr.span,
      `parameter '${name}' has a value for each row: aggregate it as in MAX(${name})`,
    );
  }
  for (const child of childrenOf(expr)) refuseUngrouped(child, known, input);
}

/** Columns that the window puts in front of the output. */
function windowFields({ window, session, rowWindow }: AggregatePlanConfig): Schema {
  if (rowWindow !== undefined) return edgeFields(rowWindow);
  return window === undefined && session === undefined ? [] : WINDOW_FIELDS;
}

function checkNames(config: AggregatePlanConfig, issue: ReportIssue): void {
  const taken = new Map<string, string>();
  for (const { name } of windowFields(config)) taken.set(name, 'the window');
  const claim = (name: string, path: readonly (string | number)[], owner: string): void => {
    const other = taken.get(name);
    if (other !== undefined) issue(path, `column '${name}' is already that of ${other}; rename it`);
    else taken.set(name, owner);
  };
  for (const { name } of config.keys) {
    claim(name, ['groupBy'], 'groupBy');
    // What `extractAggregates` calls the results of aggregates.
    if (/^\$agg\d+$/.test(name))
      issue(['groupBy'], `the name '${name}' is reserved; rename the key`);
    if (config.rowWindow !== undefined && fieldIndex(ROW_FIELDS, name) >= 0)
      issue(['groupBy'], `'${name}' is what 'select' reads of the window; rename the key`);
  }
  for (const { name } of config.select) claim(name, ['select', name], 'select');
  const { name } = CHANGE_FIELD;
  if (config.revision?.givesChanges === true && taken.has(name)) {
    const place = taken.get(name) === 'select' ? ['select', name] : ['groupBy'];
    issue(place, `column '${name}' is what results that are revised say of themselves; rename it`);
  }
}

function outputSchema(config: AggregatePlanConfig): Schema {
  const { keys, select, revision } = config;
  const columns = [...keys, ...select].map(({ name, expr }) => ({ name, type: expr.type }));
  const change = revision?.givesChanges === true ? [CHANGE_FIELD] : [];
  return [...windowFields(config), ...columns, ...change];
}

/**
 * Rows of one group are equal in all keys, so they are in those that are mere columns: it is enough
 * to bring those together.
 */
function distributionOf(keys: readonly KeyConfig[]): Distribution {
  const columns = keys.flatMap(({ expr }) => (expr.op === 'column' ? [expr.index] : []));
  return columns.length === 0 ? { kind: 'single' } : { kind: 'keys', columns: [columns] };
}
