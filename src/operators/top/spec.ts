/**
 * The meaning of a top: the n best rows of each group, by an order of columns, per window or over the
 * whole input.
 *
 * ```
 *   window_start, window_end (of a window of its own) │ the input's columns │ rank
 * ```
 *
 * Ports: the rows, and, with a window, `late`: input rows that came too late for every window.
 *
 * @module
 */

import type {
  ColumnOrigin,
  Distribution,
  InputStream,
  OperatorPlan,
  OperatorSpec,
  OperatorStages,
  ReportIssue,
} from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { TopOperator } from '../../core/topology/model.ts';
import { INT64 } from '../../core/types.ts';
import { planGroups, planOrder, sameColumns } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';
import type { WindowConfig } from '../window-scheme.ts';
import { isProcessingTime, WINDOW_FIELDS, windowConfig } from '../window-scheme.ts';
import type { TopConfig } from './config.ts';
import { Port } from './config.ts';

/** Rows of one event time: the results of one window. */
const SAME_TIME: WindowConfig = { sizeUs: 1, slideUs: 1, offsetUs: 0 };

/** What a top means. */
export const topSpec: OperatorSpec<TopOperator> = {
  kind: 'top',
  replays: true,

  plan(node, inputs, report): OperatorPlan | undefined {
    const input = inputs[0]!;
    const { issue, isSound } = noteIssues(report);
    const isTimed = isProcessingTime(node.window);
    if (node.window !== undefined && !isTimed && !input.stream.hasTime) {
      const message = `a window needs event time, and '${input.name}' has none`;
      issue(['window'], `${message}; give its source a 'time'`);
    }
    const orderBy = planOrder(node.orderBy, input, issue);
    const groupBy = planGroups(node.groupBy, 'groupBy', input, issue);
    const schema = outputSchema(node, input, issue);
    if (!isSound()) return undefined;
    const window = planWindow(node);
    const config: TopConfig = {
      n: node.n,
      ties: node.ties,
      orderBy,
      groupBy,
      window,
      showsWindow: showsWindow(node),
      shown: window,
      showsRank: node.rank !== undefined,
    };
    const hasTime = config.window !== undefined;
    const repeats = repeatsOf(node, input);
    const out = { name: 'out', stream: { schema, hasTime }, repeats };
    const ports = isTimed ? [out] : [out, { name: 'late', stream: input.stream }];
    const plan: OperatorPlan = {
      kind: 'top',
      note: isTimed ? `${node.n} by processing time` : String(node.n),
      time: isTimed ? 'processing' : 'event',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: distributionOf(groupBy),
      onError: node.onError,
    };
    return { ...plan, stages: planStages(plan, config) };
  },
};

/**
 * The best of all rows are among the best of each task's, so a top without groups can choose twice.
 * With groups it would sort nearly all rows twice where groups are small.
 *
 * What comes of a local stage is of the time at which its window ends, less 1 µs: one of the windows of
 * the final stage, which are a slide long and end where those of the operator do.
 */
function planStages(plan: OperatorPlan, config: TopConfig): OperatorStages | undefined {
  const { window, groupBy } = config;
  if (plan.time === 'processing' || plan.onError === 'deadLetter') return undefined;
  if (groupBy.length > 0) return undefined;
  const { schema } = plan.inputs[0]!;
  const chosen = { schema, hasTime: window !== undefined };
  const ends = window && {
    sizeUs: window.slideUs,
    slideUs: window.slideUs,
    offsetUs: window.offsetUs + window.sizeUs - window.slideUs,
  };
  return {
    local: {
      ...plan,
      note: `${config.n} of one worker`,
      config: { ...config, showsWindow: false, showsRank: false },
      outputs: plan.outputs.map((port, p) =>
        p === Port.OUT ? { ...port, stream: chosen, repeats: sameColumns(schema) } : port,
      ),
      distribution: { kind: 'any' },
    },
    final: { ...plan, config: { ...config, window: ends }, inputs: [chosen] },
  };
}

function planWindow({ window }: TopOperator): WindowConfig | undefined {
  if (window === undefined) return undefined;
  return window === 'input' ? SAME_TIME : windowConfig(window);
}

/** The windows of the input have their columns already. */
function showsWindow({ window }: TopOperator): boolean {
  return window !== undefined && window !== 'input';
}

function outputSchema(node: TopOperator, input: InputStream, issue: ReportIssue): Schema {
  const { schema } = input.stream;
  const front = showsWindow(node) ? WINDOW_FIELDS : [];
  for (const { name } of front) {
    if (fieldIndex(schema, name) < 0) continue;
    const message = `'${input.name}' has a column '${name}' already`;
    issue(
      ['window'],
      `${message}: for its own windows write "window": "input", or rename it before`,
    );
  }
  const { rank } = node;
  const columns = [...front, ...schema];
  if (rank === undefined) return columns;
  if (fieldIndex(columns, rank) >= 0) issue(['rank'], `the output has another column '${rank}'`);
  return [...columns, { name: rank, type: INT64 }];
}

/** The input's columns, behind those of a window. */
function repeatsOf(node: TopOperator, input: InputStream): readonly (ColumnOrigin | undefined)[] {
  const front = showsWindow(node) ? WINDOW_FIELDS : [];
  return [...front.map(() => undefined), ...sameColumns(input.stream.schema)];
}

function distributionOf(groupBy: readonly number[]): Distribution {
  return groupBy.length === 0 ? { kind: 'single' } : { kind: 'keys', columns: [groupBy] };
}
