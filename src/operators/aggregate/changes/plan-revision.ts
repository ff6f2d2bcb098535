/** What results that are taken back need. Pure. @module */

import type { InputStream, ReportIssue } from '../../../core/operator.ts';
import type { AggregateOperator } from '../../../core/topology/model.ts';
import { INT64 } from '../../../core/types.ts';
import { canRetract } from '../../../state/index.ts';
import type { AggregateConfig, AggregatePlanConfig, RevisionConfig } from '../config.ts';

/** What a hidden aggregate counts: rows. */
const ROWS_FIELD = { name: '$rows', type: INT64 };

/** Adds to the plan of an aggregate what it takes to revise its results, if they may be revised. */
export function planRevision(
  node: AggregateOperator,
  input: InputStream,
  config: AggregatePlanConfig,
  issue: ReportIssue,
): AggregatePlanConfig {
  const inputChange = input.stream.change;
  checkInput(node, input, issue);
  const isSession = node.window?.kind === 'session';
  const mode = modeOf(node, inputChange);
  if (mode === undefined) {
    return isSession ? withRetraction(config, false, 'sessions', issue) : config;
  }
  const counting = withRowCount(config);
  const everyUs = node.emit.kind === 'every' ? node.emit.everyUs : Infinity;
  const latenessUs = node.window?.latenessUs ?? 0;
  const { rowCount } = counting;
  const givesChanges = mode === 'change' || mode === 'every' || latenessUs > 0;
  const revision = { mode, givesChanges, everyUs, latenessUs, rowCount, inputChange };
  const hasTime =
    mode === 'end' ? config.hasTime : node.window !== undefined || input.stream.hasTime;
  if (inputChange !== undefined && mode !== 'change' && givesChanges) {
    refuseUserAggregates(config, issue);
  }
  const planned = { ...counting.config, revision, hasTime };
  return withRetraction(planned, inputChange !== undefined, 'results that are revised', issue);
}

/** Rows of a stream of changes change results, which are a stream of changes as well. */
function checkInput(
  { emit, window, rowWindow }: AggregateOperator,
  input: InputStream,
  issue: ReportIssue,
) {
  if (input.stream.change === undefined) return;
  const stream = `'${input.name}' is a stream of changes, of which some take rows back`;
  if (rowWindow !== undefined) {
    issue(['window'], `${stream}; windows of rows do not take such a stream`);
  } else if (window?.kind === 'session') {
    issue(
      ['window'],
      `${stream}, which may part a session in two; sessions take such a stream only with 'revisions': {"keep": "1h"}`,
    );
  } else if (window === undefined && (emit.kind === 'each' || emit.kind === 'every')) {
    const expected = 'write "onChange", or leave it out for results at the end of the input';
    issue(['emit'], `${stream}, and a group may go, which updates do not say: ${expected}`);
  }
}

/**
 * Rows that become part of results together are aggregated by themselves first, and a row may be taken back in
 * another lot than the one it was added in.
 */
function refuseUserAggregates({ aggregates }: AggregatePlanConfig, issue: ReportIssue): void {
  for (const { user, field } of aggregates) {
    if (user === undefined) continue;
    const message = `'${user.name}' takes back only what the same object was given`;
    const expected =
      'for a stream of changes write "emit": "onChange", or leave emit and allowedLateness out';
    issue(['select', field], `${message}: ${expected}`);
  }
}

function modeOf(
  { window, rowWindow, emit }: AggregateOperator,
  inputChange: number | undefined,
): RevisionConfig['mode'] | undefined {
  if (emit.kind === 'change') return 'change';
  if (window === undefined) {
    const isWhole = rowWindow === undefined && emit.kind === 'end';
    return isWhole && inputChange !== undefined ? 'end' : undefined;
  }
  if (emit.kind === 'every') return 'every';
  return (window.latenessUs ?? 0) > 0 || inputChange !== undefined ? 'close' : undefined;
}

/** An aggregate that counts all rows, and which one it is. */
function withRowCount(config: AggregatePlanConfig): {
  readonly config: AggregatePlanConfig;
  readonly rowCount: number;
} {
  const { aggregates, inputs, result } = config;
  const known = aggregates.findIndex(
    ({ kind, argument, isFiltered }) => kind === 'count' && argument === undefined && !isFiltered,
  );
  if (known >= 0) return { config, rowCount: known };
  const all = inputs.findIndex(
    ({ argument, filter, isTime }) =>
      argument === undefined && filter === undefined && isTime !== true,
  );
  const count: AggregateConfig = {
    kind: 'count',
    argument: undefined,
    isDistinct: false,
    isFiltered: false,
    input: all < 0 ? inputs.length : all,
    field: '',
  };
  return {
    config: {
      ...config,
      aggregates: [...aggregates, count],
      inputs: all < 0 ? [...inputs, { argument: undefined, filter: undefined }] : inputs,
      result: [...result, ROWS_FIELD],
    },
    rowCount: aggregates.length,
  };
}

/**
 * Distinct values lie outside of a group's record, but for those of which rows can be taken back.
 *
 * @param isNeeded - whether rows are taken back
 * @param what - does not go with distinct values that lie elsewhere
 */
function withRetraction(
  config: AggregatePlanConfig,
  isNeeded: boolean,
  what: string,
  issue: ReportIssue,
): AggregatePlanConfig {
  const isApart = ({ isDistinct, kind }: AggregateConfig): boolean =>
    isDistinct && kind !== 'min' && kind !== 'max';
  if (!isNeeded && !config.aggregates.some(isApart)) return config;
  for (const aggregate of config.aggregates) {
    if (canRetract(aggregate)) continue;
    const name = `${aggregate.kind.toUpperCase()}${aggregate.isDistinct ? ' of DISTINCT values' : ''}`;
    const message = isNeeded
      ? `${name} cannot take rows back, as this stream of changes asks for`
      : `${name} does not go with ${what}, nor with DISTINCT beside it`;
    issue(['select', aggregate.field], message);
  }
  return { ...config, retracts: true };
}
