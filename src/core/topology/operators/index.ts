/** All kinds of operators: how they are written, checked and brought into their normal form. @module */

import * as z from 'zod';
import { tagged } from '../document/parts.ts';
import { invariant } from '../../invariant.ts';
import { pointer } from '../issues.ts';
import type { InputRef, OperatorCommon } from '../model/parts.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { ERRORS_PORT, MAIN_PORT, parseStreamName } from '../ports.ts';
import { actorKind } from './actor.ts';
import { aggregateKind } from './aggregate.ts';
import { gatherKind } from './gather.ts';
import { waitforKind } from './waitfor.ts';
import { dedupKind } from './dedup.ts';
import { resampleKind } from './resample.ts';
import { lockKind } from './lock.ts';
import { unlockKind } from './unlock.ts';
import { bsortKind } from './bsort.ts';
import { decisionTableKind } from './decision-table.ts';
import { delayKind } from './delay.ts';
import { execKind } from './exec.ts';
import { filterKind } from './filter.ts';
import { formatKind } from './format.ts';
import { heartbeatKind } from './heartbeat.ts';
import { includeDocument, type IncludeDocument } from './include.ts';
import { iterateKind } from './iterate.ts';
import { joinKind } from './join.ts';
import { lookupKind } from './lookup.ts';
import { mapKind } from './map.ts';
import { materializeKind } from './materialize.ts';
import { mergeKind } from './merge.ts';
import { moduleKind } from './module.ts';
import { parseKind } from './parse.ts';
import { partitionKind } from './partition.ts';
import { patternKind } from './pattern.ts';
import { pivotKind } from './pivot.ts';
import { queryKind } from './query.ts';
import { randomDropKind } from './random-drop.ts';
import { sequenceKind } from './sequence.ts';
import { sunionKind } from './sunion.ts';
import { checkStateLimit, normalizeLimit } from './state-limit.ts';
import { splitKind } from './split.ts';
import { throttleKind } from './throttle.ts';
import { topKind } from './top.ts';
import { unionKind } from './union.ts';
import { unnestKind } from './unnest.ts';
import { updateQueueKind } from './update-queue.ts';
import { windowDropKind } from './window-drop.ts';
import { wsortKind } from './wsort.ts';
import { checkDispatch, normalizeDispatch } from './dispatch.ts';
import { checkParameters, normalizeControl, normalizeParameters } from './parameters.ts';
import { normalizeRevisions } from './revisions.ts';
import { normalizeRequests } from './side-inputs.ts';
import type { KnownOperator } from '../model/operators.ts';
import type { OperatorKind, RawNode } from './operator-kind.ts';

/** An operator, in the order in which editors show its types. */
export const operator = tagged(
  'type',
  { noun: 'operator type', expected: 'an operator such as {"type": "filter", …}' },
  [
    filterKind.document,
    mapKind.document,
    unionKind.document,
    aggregateKind.document,
    topKind.document,
    joinKind.document,
    lookupKind.document,
    decisionTableKind.document,
    moduleKind.document,
    execKind.document,
    unnestKind.document,
    partitionKind.document,
    pivotKind.document,
    parseKind.document,
    formatKind.document,
    sequenceKind.document,
    randomDropKind.document,
    windowDropKind.document,
    iterateKind.document,
    mergeKind.document,
    sunionKind.document,
    wsortKind.document,
    bsortKind.document,
    unlockKind.document,
    lockKind.document,
    resampleKind.document,
    patternKind.document,
    dedupKind.document,
    updateQueueKind.document,
    waitforKind.document,
    gatherKind.document,
    splitKind.document,
    heartbeatKind.document,
    delayKind.document,
    throttleKind.document,
    actorKind.document,
    queryKind.document,
    materializeKind.document,
    includeDocument,
  ],
);

/** An operator as it is written. */
export type OperatorDocument = z.input<typeof operator>;

const KINDS = {
  filter: filterKind,
  map: mapKind,
  union: unionKind,
  aggregate: aggregateKind,
  top: topKind,
  join: joinKind,
  lookup: lookupKind,
  decision_table: decisionTableKind,
  module: moduleKind,
  exec: execKind,
  unnest: unnestKind,
  partition: partitionKind,
  pattern: patternKind,
  pivot: pivotKind,
  parse: parseKind,
  format: formatKind,
  sequence: sequenceKind,
  random_drop: randomDropKind,
  window_drop: windowDropKind,
  iterate: iterateKind,
  merge: mergeKind,
  sunion: sunionKind,
  wsort: wsortKind,
  bsort: bsortKind,
  unlock: unlockKind,
  lock: lockKind,
  resample: resampleKind,
  dedup: dedupKind,
  update_queue: updateQueueKind,
  waitfor: waitforKind,
  gather: gatherKind,
  split: splitKind,
  heartbeat: heartbeatKind,
  delay: delayKind,
  throttle: throttleKind,
  actor: actorKind,
  query: queryKind,
  materialize: materializeKind,
} as const satisfies Record<KnownOperator['type'], unknown>;

/** What is known of a type; its own document and node go together, which the table above shows. */
function kindOf(type: KnownOperator['type']): OperatorKind<typeof operator, KnownOperator> {
  return KINDS[type] as unknown as OperatorKind<typeof operator, KnownOperator>;
}

function isKnown(type: unknown): type is KnownOperator['type'] {
  return typeof type === 'string' && Object.hasOwn(KINDS, type);
}

/** An include that has not been replaced is wrong, and that was reported. */
function isInclude(node: Loose<OperatorDocument>): node is Loose<IncludeDocument> {
  return node.type === 'include';
}

/**
 * Checks an operator whose type is known.
 *
 * @param hasStateDir - the document says where state is kept
 */
export function checkOperator(
  node: Loose<OperatorDocument>,
  hasStateDir: boolean,
  report: NodeReport,
): void {
  if (isInclude(node) || !isKnown(node.type)) return;
  const kind = kindOf(node.type);
  if (kind.inputs === 'one') checkOneInput(node, report);
  checkDispatch(node, report);
  checkParameters(node, report);
  checkStateLimit(node, hasStateDir, report);
  kind.check?.(node, report);
}

/** What most operators read: one stream, named by `input` or by a list of one. */
function checkOneInput(
  { type, input, inputs }: { type?: string; input?: unknown; inputs?: unknown },
  report: NodeReport,
): void {
  if (input === undefined && inputs === undefined) {
    report.add([], `missing property 'input'; expected the name of a stream`);
  } else if (input !== undefined && inputs !== undefined) {
    report.add(['inputs'], `expected either 'input' or 'inputs', found both`);
  } else if (Array.isArray(inputs) && inputs.length > 1) {
    const message = `expected one stream for ${type}, found ${inputs.length}; a union merges several`;
    report.add(['inputs'], message);
  }
}

/** The normal form of a checked operator. */
export function normalizeOperator(name: string, node: OperatorDocument): KnownOperator {
  invariant(node.type !== 'include', `include '${name}' has not been replaced`);
  const at = pointer('operators', name);
  const parameters = normalizeParameters(node, at);
  const control = normalizeControl(node, at);
  const inputs = normalizeInputs(at, node);
  const revisions = normalizeRevisions(node);
  const common: OperatorCommon = {
    section: 'operators',
    name,
    inputs: [
      ...inputs,
      ...(control === undefined ? [] : [control.input]),
      ...normalizeRequests(node, at),
    ],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(control === undefined ? {} : { control: control.control }),
    ...(revisions === undefined ? {} : { revisions }),
    onError: node.onError ?? 'stop',
    parallel: node.parallel,
    ...normalizeLimit(node),
    by: normalizeDispatch(node.by),
  };
  return { ...common, ...kindOf(node.type).normalize(node, at) } as KnownOperator;
}

function normalizeInputs(at: string, node: Exclude<OperatorDocument, IncludeDocument>): InputRef[] {
  const { inputs } = node;
  if (inputs !== undefined) {
    return inputs.map((name, i) => ({ ...parseStreamName(name), pointer: `${at}/inputs/${i}` }));
  }
  const input = 'input' in node ? (node.input ?? '') : '';
  return [{ ...parseStreamName(input), pointer: `${at}/input` }];
}

/** The output ports of an operator as it is written: main or its own, then `errors`. */
export function operatorPorts(node: RawNode): readonly string[] {
  const { type } = node;
  const own = isKnown(type) ? kindOf(type).ports?.(node) : undefined;
  const ports = own ?? [MAIN_PORT];
  return node['onError'] === 'deadLetter' ? [...ports, ERRORS_PORT] : ports;
}
