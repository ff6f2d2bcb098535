/** What `revisions` mean for the plan of an operator. Pure. @module */

import { CHANGE_FIELD } from '../../core/changes.ts';
import type {
  Distribution,
  InputStream,
  OperatorPlan,
  OutputPort,
  ReportIssue,
} from '../../core/operator.ts';
import type { StreamType } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { OperatorNode } from '../../core/topology/model.ts';
import { LATE_PORT } from '../../core/topology/ports.ts';
import type { DurationUs } from '../../core/units.ts';

/** Plain data. */
export interface RevisionConfig {
  /** The operator over the rows that are left. */
  readonly inner: OperatorPlan;
  readonly keepUs: DurationUs;
}

/** The kind of plan of an operator whose results are revised by replay. */
export const REVISED = 'revised';

/** The inputs as the operator itself sees them: rows that are there, in order of event time. */
export function withoutChanges(inputs: readonly InputStream[]): readonly InputStream[] {
  return inputs.map((input) => {
    const { schema, hasTime, change } = input.stream;
    const columns = schema.filter((_, c) => c !== change);
    return { ...input, stream: { schema: columns, hasTime } };
  });
}

/** Whether the results of a node can be revised over these inputs; if not, that is reported. */
export function takesRevisions(
  node: OperatorNode,
  inputs: readonly InputStream[],
  replays: boolean,
  report: ReportIssue,
): boolean {
  const { type, by, onError, control, parameters, onLimit } = node;
  const problems: string[] = [];
  if (!replays) problems.push(`'${type}' cannot be replayed`);
  if (by !== undefined) problems.push(`it goes with no 'by': a row may be taken back elsewhere`);
  if (onError === 'deadLetter') problems.push(`it goes with "onError": "stop" or "skip" only`);
  if (onLimit !== undefined && onLimit !== 'error') {
    problems.push('what is forgotten at a limit would be missing when rows are replayed');
  }
  if (parameters !== undefined || control !== undefined) {
    problems.push('parameters may have other values when rows are replayed');
  }
  for (const { name, stream } of inputs) {
    if (!stream.hasTime) problems.push(`'${name}' has no event time; give its source a 'time'`);
    if (stream.weight !== undefined || stream.unit !== undefined || stream.isSubset === true) {
      problems.push(`rows of '${name}' may have been shed`);
    }
  }
  for (const problem of problems) report(['revisions'], problem);
  return problems.length === 0;
}

/**
 * The plan of an operator whose results are revised: its outputs are streams of changes.
 *
 * @param inner - over {@link withoutChanges}
 * @returns `undefined` when something was reported
 */
export function withRevisions(
  inner: OperatorPlan,
  node: OperatorNode,
  inputs: readonly InputStream[],
  report: ReportIssue,
): OperatorPlan | undefined {
  let isSound = true;
  const issue = (message: string): void => {
    isSound = false;
    report(['revisions'], message);
  };
  if (inner.time !== undefined && inner.time !== 'event') {
    issue('what goes by processing time cannot be replayed');
  }
  for (const { stream } of inner.outputs) {
    if (stream.change !== undefined)
      issue('its results are revised already, by the rows as they come');
    else if (fieldIndex(stream.schema, CHANGE_FIELD.name) >= 0) {
      issue(`there is a column '${CHANGE_FIELD.name}' already; rename it`);
    }
  }
  if (!isSound) return undefined;
  const streams = inputs.map(({ stream }) => stream);
  const config: RevisionConfig = { inner, keepUs: node.revisions!.keepUs };
  return {
    kind: REVISED,
    note: [inner.kind, inner.note ?? []].flat().join(' '),
    config,
    inputs: streams,
    outputs: inner.outputs.map((port) => outputOf(port, streams)),
    distribution: distributionOf(inner.distribution, streams),
    onError: inner.onError,
  };
}

/** Rows that come too late to be kept go to `late` as they are, where there is one input. */
function outputOf({ name, stream }: OutputPort, inputs: readonly StreamType[]): OutputPort {
  if (name === LATE_PORT) return { name, stream: inputs[0]! };
  const { schema, hasTime } = stream;
  const changes = { schema: [...schema, CHANGE_FIELD], hasTime, change: schema.length };
  return { name, stream: changes };
}

/** A row and what takes it back meet in one task. */
function distributionOf(inner: Distribution, inputs: readonly StreamType[]): Distribution {
  if (inner.kind !== 'keys') return { kind: 'single' };
  const columns = inner.columns.map((list, port) => {
    const { change = Infinity } = inputs[port]!;
    return list.map((column) => (column < change ? column : column + 1));
  });
  return { kind: 'keys', columns };
}
