/**
 * The meaning of a pattern: a row for each combination of rows that fits a template.
 *
 * Rows are ordered by event time, and by a column where one is named: B comes after A when its time is
 * larger. All rows of a match have
 * the same key, each of them is one event of it, and the last is no further behind the first than the
 * window says. What NOT names does not come between what stands before it and what stands behind it, or,
 * if nothing does, before the window ends. So what matches depends on the rows, and not on when they come.
 *
 * A match has the event time of its last row; where a NOT had to be waited for, that of the end of the
 * window.
 *
 * @module
 */

import { MillraceError } from '../../core/errors.ts';
import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Field, Schema } from '../../core/schema.ts';
import type { PatternOperator } from '../../core/topology/model.ts';
import type { PatternEvent } from '../../core/topology/model/pattern.ts';
import { sameType, typeName } from '../../core/types.ts';
import type { Scope, TypedExpr } from '../../expr/index.ts';
import { expressionColumns, expressionInputs, scopeOf } from '../../expr/index.ts';
import { planCondition } from '../expression-issues.ts';
import { groupDistribution, planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';
import { alternativesOf } from './alternatives.ts';
import type { Automaton } from './automaton.ts';
import { automatonOf } from './automaton.ts';
import type { EventConfig, PatternConfig } from './config.ts';
import { planAgainst } from './plan-against.ts';
import { findNumbers, planWindow } from './plan-window.ts';
import type { CopyNames } from './repeat-aggregates.ts';
import { planOverEvents } from './repeat-aggregates.ts';
import type { Expanded } from './repeats.ts';
import { expandRepeats } from './repeats.ts';
import type { Template as TemplateTree } from './template.ts';
import { eventsOf, parseTemplate } from './template.ts';

/** Bits of a word, one for each event. */
const MOST_EVENTS = 30;

/** An output column. */
interface Output {
  readonly name: string;
  readonly expr: TypedExpr;
}

/** What a template says. */
interface Template {
  readonly slots: readonly number[];
  readonly automaton: Automaton;
}

/** What a pattern means. */
export const patternSpec: OperatorSpec<PatternOperator> = {
  kind: 'pattern',
  replays: true,

  plan(node, inputs, report): OperatorPlan | undefined {
    const { issue, isSound } = noteIssues(report);
    inputs.forEach(({ name, stream }, i) => {
      if (stream.hasTime) return;
      issue(['inputs', i], `'${name}' has no event time; give its source a 'time'`);
    });
    const keys = planKeys(node, inputs, issue);
    const expanded = readTemplate(node, issue);
    const events = planEvents(expanded?.events ?? node.events, inputs, issue);
    const template = expanded && planTemplate(node, expanded, issue);
    const window = planWindow(node.within, inputs, issue);
    const order =
      node.orderBy === undefined
        ? undefined
        : findNumbers(node.orderBy, inputs, ['orderBy'], issue).columns;
    if (expanded === undefined || template === undefined || !isSound()) return undefined;
    const schemas = events.map(({ input }) => inputs[input]!.stream.schema);
    const scope = {
      inputs: events.map(({ name }, e) => ({ names: [name], schema: schemas[e]! })),
    };
    const copies = copyNames(node, expanded, events);
    const outputs = planSelect(node, events, schemas, scope, template.slots, copies, issue);
    const where =
      node.where && planOverEvents(node.where.text, scope, copies, true, ['where'], issue);
    if (!isSound()) return undefined;
    const { rest, against } = planAgainst(where, events, template, issue);
    if (!isSound()) return undefined;
    const select = outputs.map(({ expr }) => expr);
    const read = [...select, rest, ...against].filter((expr) => expr !== undefined);
    const kept = inputs.map((_, input) =>
      planKept(input, events, schemas, read, [window?.columns, order]),
    );
    const config: PatternConfig = {
      events,
      keys,
      ...template,
      kept,
      within:
        node.within.kind === 'time'
          ? node.within
          : {
              kind: 'field',
              size: window!.size,
              columns: window!.columns.map((column, i) => kept[i]!.indexOf(column)),
              positions: window!.columns,
            },
      orderBy: order?.map((column, i) => kept[i]!.indexOf(column)),
      where: rest,
      against,
      select,
      skip: node.skip,
      stateLimitBytes: node.stateLimitBytes,
      onLimit: node.onLimit === 'evict' ? 'evict' : 'error',
    };
    return planned(node, inputs, outputs, config);
  },
};

function planned(
  { pattern, onError }: PatternOperator,
  inputs: readonly InputStream[],
  outputs: readonly Output[],
  config: PatternConfig,
): OperatorPlan {
  const schema = outputs.map(({ name, expr }): Field => ({ name, type: expr.type }));
  const out = { name: 'out', stream: { schema, hasTime: true } };
  const streams = inputs.map(({ stream }) => stream);
  const late = streams.length === 1 ? [{ name: 'late', stream: streams[0]! }] : [];
  return {
    kind: 'pattern',
    note: pattern.text,
    config,
    inputs: streams,
    outputs: withErrorsPort([out, ...late], onError),
    distribution: groupDistribution(config.keys),
    onError,
  };
}

function planKeys(
  { keys }: PatternOperator,
  inputs: readonly InputStream[],
  issue: ReportIssue,
): readonly (readonly number[])[] {
  const positions = inputs.map((input, i) => planGroups(keys[i]!, 'key', input, issue));
  const [first] = inputs as [InputStream];
  positions[0]!.forEach((column, k) => {
    const expected = first.stream.schema[column]?.type;
    inputs.forEach(({ name, stream }, i) => {
      const type = stream.schema[positions[i]![k]!]?.type;
      if (expected === undefined || type === undefined || sameType(type, expected)) return;
      const is = `key ${k + 1} is ${typeName(expected)} in '${first.name}'`;
      issue(['key'], `${is} and ${typeName(type)} in '${name}'; cast one before`);
    });
  });
  return positions;
}

function planEvents(
  events: readonly PatternEvent[],
  inputs: readonly InputStream[],
  issue: ReportIssue,
): readonly EventConfig[] {
  if (events.length > MOST_EVENTS) {
    issue(['events'], `there are ${events.length} events; at most ${MOST_EVENTS} are possible`);
  }
  let base = 0;
  return events.map(({ name, input, where }): EventConfig => {
    const { stream, name: inputName } = inputs[input]!;
    const scope = scopeOf(stream.schema, inputName, name);
    const path = ['events', name, 'where'];
    const event = {
      name,
      input,
      base,
      where: where && planCondition(where.text, scope, path, issue),
    };
    base += stream.schema.length;
    return event;
  });
}

/** A template as it is written, and without repetition. */
interface ReadTemplate extends Expanded {
  readonly written: TemplateTree;
}

function readTemplate(
  { events, pattern }: PatternOperator,
  issue: ReportIssue,
): ReadTemplate | undefined {
  return orReport(issue, () => {
    const written = parseTemplate(
      pattern.text,
      events.map(({ name }) => name),
    );
    return { written, ...expandRepeats(written, events) };
  });
}

function planTemplate(
  node: PatternOperator,
  { written, template, events }: ReadTemplate,
  issue: ReportIssue,
): Template | undefined {
  return orReport(issue, () => {
    const names = events.map(({ name }) => name);
    const slots = [...new Set(eventsOf(template))];
    const negated = eventsOf(template, true);
    if (slots.length === 0) {
      issue(
        ['pattern'],
        'expected an event that occurs: a window begins with the first row of a match',
      );
      return undefined;
    }
    const automaton = automatonOf(alternativesOf(written, names, template), names);
    const unused = node.events.find((_, e) => !slots.includes(e) && !negated.includes(e));
    if (unused !== undefined) issue(['pattern'], `it says nothing of '${unused.name}'`);
    return { slots: slots.sort((a, b) => a - b), automaton };
  });
}

function orReport<Result>(issue: ReportIssue, plan: () => Result): Result | undefined {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ERR_EXPRESSION') throw error;
    issue(['pattern'], error.message);
    return undefined;
  }
}

/** What all that events are is called. */
function copyNames(
  { events: named }: PatternOperator,
  { copies }: Expanded,
  events: readonly EventConfig[],
): CopyNames {
  return new Map(
    named.map(({ name }, e) => [name, copies[e]!.map((event) => events[event]!.name)] as const),
  );
}

/** The output's columns. */
function planSelect(
  { select }: PatternOperator,
  events: readonly EventConfig[],
  schemas: readonly Schema[],
  scope: Scope,
  slots: readonly number[],
  copies: CopyNames,
  issue: ReportIssue,
): readonly Output[] {
  if (select.length === 0) {
    const several = [...copies].find(([, names]) => names.length > 1);
    if (several !== undefined) {
      issue([], `'${several[0]}' is several rows: say in 'select' what is to be computed of them`);
      return [];
    }
    return selectAll(events, schemas, slots, issue);
  }
  return select.flatMap(({ name, text }) => {
    const path = ['select', name];
    const expr = planOverEvents(text, scope, copies, false, path, issue);
    if (expr === undefined) return [];
    const out = expressionInputs(expr).find((event) => !slots.includes(event));
    if (out !== undefined) {
      issue(path, `'${events[out]!.name}' stays out of a match, so it has no columns in it`);
    }
    return [{ name, expr }];
  });
}

function selectAll(
  events: readonly EventConfig[],
  schemas: readonly Schema[],
  slots: readonly number[],
  issue: ReportIssue,
): readonly Output[] {
  const outputs: Output[] = [];
  const used = new Set<string>();
  for (const event of slots) {
    const { name: eventName, base } = events[event]!;
    schemas[event]!.forEach(({ name, type }, position) => {
      const output = `${eventName}_${name}`;
      if (used.has(output)) {
        issue(
          ['select'],
          `there are two columns '${output}': select those you need, with names of their own`,
        );
      }
      used.add(output);
      const index = base + position;
      outputs.push({
        name: output,
        expr: { op: 'column', type, input: event, index, position, name },
      });
    });
  }
  return outputs;
}

/** The columns of one input that are read of rows that are kept. */
function planKept(
  input: number,
  events: readonly EventConfig[],
  schemas: readonly Schema[],
  read: readonly TypedExpr[],
  more: readonly (readonly number[] | undefined)[],
): readonly number[] {
  const found = new Set<number>();
  const columns = read.flatMap(expressionColumns);
  events.forEach(({ input: own, base }, e) => {
    if (own !== input) return;
    const end = base + schemas[e]!.length;
    for (const column of columns) if (column >= base && column < end) found.add(column - base);
  });
  for (const columns of more) if (columns !== undefined) found.add(columns[input]!);
  return [...found].sort((a, b) => a - b);
}
