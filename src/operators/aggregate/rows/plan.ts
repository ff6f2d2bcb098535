/** From windows of rows as the topology has them to what a kernel needs. @module */

import type { InputStream, ReportIssue } from '../../../core/operator.ts';
import type {
  Amount,
  CountDimension,
  Expression,
  PredicateDimension,
  RowWindow,
  ValueDimension,
} from '../../../core/topology/model.ts';
import type { DataType } from '../../../core/types.ts';
import { INT64, TIMESTAMP, typeName } from '../../../core/types.ts';
import type { TypedExpr } from '../../../expr/index.ts';
import { scopeOf } from '../../../expr/index.ts';
import { planCondition, planExpression } from '../../expression-issues.ts';
import type { CountConfig, PredicateConfig, RowWindowConfig, ValueConfig } from './config.ts';

/** Types a window and checks it against the input; mistakes are reported. */
export function planRowWindow(
  window: RowWindow,
  input: InputStream,
  issue: ReportIssue,
): RowWindowConfig {
  const planner = new Planner(input, window.time === 'processing', issue);
  const counts: CountConfig[] = [];
  const values: ValueConfig[] = [];
  const predicates: PredicateConfig[] = [];
  let edges: DataType | undefined;
  for (const dimension of window.dimensions) {
    if (dimension.kind === 'count') counts.push(countConfig(dimension));
    else if (dimension.kind === 'predicate') predicates.push(planner.predicate(dimension));
    else {
      const { config, type } = planner.value(dimension);
      values.push(config);
      if (window.kind === 'value') edges = type.kind === 'int32' ? INT64 : type;
    }
  }
  if (window.timeoutUs !== undefined) planner.needTime('timeout', 'a timeout');
  if (window.evict?.ageUs !== undefined) planner.needTime('evict', 'an age');
  const hasOpener =
    [...counts, ...values].some(({ slide }) => slide < Infinity) ||
    predicates.some(({ open }) => open !== undefined);
  return {
    counts,
    values,
    predicates,
    edges,
    hasOpener,
    partial: window.partial,
    dropEmpty: window.dropEmpty,
    timeoutUs: window.timeoutUs ?? Infinity,
    keptRows: window.evict?.rows ?? Infinity,
    keptUs: window.evict?.ageUs ?? Infinity,
  };
}

function countConfig({ size, slide, offset, emit }: CountDimension): CountConfig {
  return { size: size ?? Infinity, slide: slide ?? Infinity, offset, emit: emit ?? Infinity };
}

/** Types expressions over one input. */
class Planner {
  readonly #input: InputStream;
  readonly #isTimed: boolean;
  readonly #issue: ReportIssue;

  constructor(input: InputStream, isTimed: boolean, issue: ReportIssue) {
    this.#input = input;
    this.#isTimed = isTimed;
    this.#issue = issue;
  }

  needTime(property: string, noun: string): void {
    this.#needTime(['window', property], noun);
  }

  #needTime(path: readonly (string | number)[], noun: string): void {
    if (this.#isTimed || this.#input.stream.hasTime) return;
    const { name } = this.#input;
    const way = `give its source a 'time', or the window "time": "processing"`;
    this.#issue(path, `${noun} needs event time, and '${name}' has none; ${way}`);
  }

  value(dimension: ValueDimension): { config: ValueConfig; type: DataType } {
    const { on, align, at } = dimension;
    let expr: TypedExpr | undefined;
    if (on === undefined) this.#needTime(at, 'a dimension of time');
    else expr = this.#typed(on, [...at, 'on'], planExpression);
    const type = on === undefined ? TIMESTAMP : (expr?.type ?? INT64);
    if (!AXES.has(type.kind)) {
      const expected = 'expected a number, timestamp or duration';
      const way = type.kind === 'decimal' ? '; cast it to DOUBLE' : '';
      this.#issue([...at, 'on'], `${expected}, found ${typeName(type)}${way}`);
    }
    const length = (property: string, amount: Amount | undefined, fallback: number): number =>
      amount === undefined ? fallback : this.#length([...at, property], amount, type);
    const config: ValueConfig = {
      on: expr,
      field: on?.text ?? 'time',
      size: length('size', dimension.size, Infinity),
      slide: length('slide', dimension.slide, Infinity),
      offset: length('offset', dimension.offset, 0),
      align,
      emit: length(dimension.emitName, dimension.emit, Infinity),
    };
    return { config, type };
  }

  /** A length in units of the axis. */
  #length(path: readonly (string | number)[], amount: Amount, { kind }: DataType): number {
    const isTime = kind === 'timestamp' || kind === 'duration';
    if (typeof amount === 'number') {
      const isWhole = kind === 'float64' || Number.isSafeInteger(amount);
      if (isTime) this.#issue(path, `expected a duration such as "30s", found ${amount}`);
      else if (!isWhole) this.#issue(path, `expected a whole number, found ${amount}`);
      return amount;
    }
    if (!isTime) this.#issue(path, `expected a number, found a duration: the value is no time`);
    return amount.us;
  }

  predicate(dimension: PredicateDimension): PredicateConfig {
    const { at, open, close, emit, emitName, closing } = dimension;
    const typed = (name: string, text: Expression | undefined): TypedExpr | undefined =>
      text === undefined ? undefined : this.#typed(text, [...at, name], planCondition);
    return {
      open: typed('open', open),
      close: typed('close', close),
      emit: typed(emitName, emit),
      excludesClosing: closing === 'exclude',
    };
  }

  #typed(
    { text }: Expression,
    path: readonly (string | number)[],
    plan: typeof planExpression,
  ): TypedExpr | undefined {
    const { name, stream } = this.#input;
    return plan(text, scopeOf(stream.schema, name), path, this.#issue);
  }
}

const AXES: ReadonlySet<string> = new Set(['int32', 'int64', 'float64', 'timestamp', 'duration']);
