/** What each kind of operator means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../core/operator.ts';
import type { OperatorNode, TableDefinition } from '../core/topology/model.ts';
import { parameterFields, takeControl, withParameters } from './parameters/plan.ts';
import { takesRevisions, withoutChanges, withRevisions } from './revisions/plan.ts';
import { actorSpec } from './actor/spec.ts';
import { aggregateSpec } from './aggregate/spec.ts';
import { gatherSpec } from './gather/spec.ts';
import { waitforSpec } from './waitfor/spec.ts';
import { dedupSpec } from './dedup/spec.ts';
import { resampleSpec } from './resample/spec.ts';
import { lockSpec } from './lock/spec.ts';
import { unlockSpec } from './unlock/spec.ts';
import { bsortSpec } from './bsort/spec.ts';
import { decisionTableSpec } from './decision-table/spec.ts';
import { delaySpec } from './delay/spec.ts';
import { execSpec } from './exec/spec.ts';
import { filterSpec } from './filter/spec.ts';
import { formatSpec } from './format/spec.ts';
import { heartbeatSpec } from './heartbeat/spec.ts';
import { iterateSpec } from './iterate/spec.ts';
import { joinSpec } from './join/spec.ts';
import { lookupSpec } from './lookup/spec.ts';
import { mapSpec } from './map/spec.ts';
import { materializeSpec } from './materialize/spec.ts';
import { mergeSpec } from './merge/spec.ts';
import { moduleSpec } from './module/spec.ts';
import { parseSpec } from './parse/spec.ts';
import { partitionSpec } from './partition/spec.ts';
import { patternSpec } from './pattern/spec.ts';
import { pivotSpec } from './pivot/spec.ts';
import { querySpec } from './query/spec.ts';
import { randomDropSpec } from './random-drop/spec.ts';
import { sequenceSpec } from './sequence/spec.ts';
import { splitSpec } from './split/spec.ts';
import { sunionSpec } from './sunion/spec.ts';
import { throttleSpec } from './throttle/spec.ts';
import { planParts } from './spill/parts/plan-parts.ts';
import { topSpec } from './top/spec.ts';
import { unionSpec } from './union/spec.ts';
import { unnestSpec } from './unnest/spec.ts';
import { updateQueueSpec } from './update-queue/spec.ts';
import { windowDropSpec } from './window-drop/spec.ts';
import { wsortSpec } from './wsort/spec.ts';

export { ChainBuilder, chainProgram } from './chain/chain.ts';
export { groupsOf, overInputs } from './group-keys.ts';

/** Each kind's own spec takes that kind's nodes, which its type says. */
const SPECS: { readonly [Type in OperatorNode['type']]: OperatorSpec<never> } = {
  filter: filterSpec,
  map: mapSpec,
  union: unionSpec,
  aggregate: aggregateSpec,
  top: topSpec,
  join: joinSpec,
  lookup: lookupSpec,
  decision_table: decisionTableSpec,
  module: moduleSpec,
  exec: execSpec,
  unnest: unnestSpec,
  partition: partitionSpec,
  pattern: patternSpec,
  pivot: pivotSpec,
  parse: parseSpec,
  format: formatSpec,
  sequence: sequenceSpec,
  random_drop: randomDropSpec,
  window_drop: windowDropSpec,
  iterate: iterateSpec,
  merge: mergeSpec,
  sunion: sunionSpec,
  wsort: wsortSpec,
  bsort: bsortSpec,
  unlock: unlockSpec,
  lock: lockSpec,
  resample: resampleSpec,
  dedup: dedupSpec,
  update_queue: updateQueueSpec,
  waitfor: waitforSpec,
  gather: gatherSpec,
  split: splitSpec,
  heartbeat: heartbeatSpec,
  delay: delaySpec,
  throttle: throttleSpec,
  actor: actorSpec,
  query: querySpec,
  materialize: materializeSpec,
};

/** Properties of a type of operators that may change while it runs, parameters apart. */
export function updatableProperties(type: OperatorNode['type']): readonly string[] {
  return SPECS[type].updates ?? [];
}

/**
 * Checks an operator against its inputs and resolves names and types.
 *
 * @returns the plan, or `undefined` when something was reported
 */
export function planOperator(
  node: OperatorNode,
  inputs: readonly InputStream[],
  report: ReportIssue,
  tables: readonly TableDefinition[] = [],
): OperatorPlan | undefined {
  const spec = SPECS[node.type] as OperatorSpec<OperatorNode>;
  if (node.parameters !== undefined && spec.takesParameters !== true) {
    report(['parameters'], `'${node.type}' has no expressions that could read parameters`);
    return undefined;
  }
  if (node.revisions !== undefined) {
    if (!takesRevisions(node, inputs, spec.replays === true, report)) return undefined;
    const inner = spec.plan(node, withoutChanges(inputs), report, tables);
    return inner && withRevisions(inner, node, inputs, report);
  }
  const changing = inputs.find(({ stream }) => stream.change !== undefined);
  if (changing !== undefined && spec.takesChanges !== true) {
    const message = `'${changing.name}' is a stream of changes, of which some take rows back`;
    const way = spec.replays === true ? `only with 'revisions': {"keep": "1h"}` : 'not';
    report([], `${message}; '${node.type}' takes such a stream ${way}`);
    return undefined;
  }
  const weighted = inputs.find(({ stream }) => stream.weight !== undefined);
  if (weighted !== undefined && spec.takesWeights !== true) {
    const message = `rows of '${weighted.name}' stand for others that were shed ("windows": "estimate")`;
    report([], `${message}, and '${node.type}' cannot say what those would give`);
    return undefined;
  }
  if (!takesSubsets(node, inputs, spec.takesSubsets, report)) return undefined;
  const { streams, control } = takeControl(node, inputs);
  const parameters = parameterFields(node.parameters ?? []);
  const given = streams.map((input) => ({ ...input, parameters }));
  const planned = spec.plan(node, given, report, tables);
  const isWhole = node.onLimit !== 'spill' || planned?.spill !== undefined;
  const plan = isWhole ? planned : planned && planParts(planned, node, report);
  return plan && withParameters(plan, node, control, report);
}

/** Whether what is left of shed rows is enough for an operator; if not, that is reported. */
function takesSubsets(
  { type, control }: OperatorNode,
  inputs: readonly InputStream[],
  taken: 'rows' | 'all' | undefined,
  report: ReportIssue,
): boolean {
  const last = inputs.at(-1)!;
  for (const input of inputs) {
    const { name, stream } = input;
    const isControl = control !== undefined && input === last;
    if (stream.unit !== undefined && (taken === undefined || isControl)) {
      const message = `rows of '${name}' are shed by whole groups ("windows": "subset")`;
      report(
        [],
        `${message}, which only an aggregate can leave out; '${type}' would see parts of them`,
      );
      return false;
    }
    if (stream.isSubset === true && (taken !== 'all' || isControl)) {
      const message = `results are left out of '${name}', whose rows were shed ("windows": "subset")`;
      report([], `${message}, and '${type}' would not know which`);
      return false;
    }
  }
  return true;
}
