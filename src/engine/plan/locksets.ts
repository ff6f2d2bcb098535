/** Checks that locks and unlocks belong together, and that rows get from one to the other at once. Pure. @module */

import type { OperatorPlan } from '../../core/operator.ts';
import type { IssueList, OperatorNode, Topology } from '../../core/topology/index.ts';
import { pointer } from '../../core/topology/index.ts';
import { sameType, typeName } from '../../core/types.ts';

/** What is looked at of a planned node. */
type PlannedNode =
  | { readonly type: 'source' | 'sink'; readonly name: string }
  | {
      readonly type: 'operator';
      readonly name: string;
      readonly node: OperatorNode;
      readonly plan: OperatorPlan;
      readonly inputs: readonly { readonly node: string }[];
    };

type OperatorOf<Type extends string> = Extract<PlannedNode, { type: 'operator' }> & {
  readonly node: { readonly type: Type };
};

const isOf =
  <const Type extends string>(type: Type) =>
  (node: PlannedNode): node is OperatorOf<Type> =>
    node.type === 'operator' && node.node.type === type;

/**
 * A lock set has one lock, and unlocks behind it. Between them all operators hand rows on at once, on
 * the same worker: a key would stay locked while its row waits for others, and they might wait for it.
 */
export function checkLocksets(
  nodes: readonly PlannedNode[],
  { engine }: Topology,
  issues: IssueList,
): void {
  const locks = new Map<string, OperatorOf<'lock'>>();
  for (const node of nodes.filter(isOf('lock'))) {
    const other = locks.get(nameOf(node));
    if (other === undefined) locks.set(nameOf(node), node);
    else issues.add(at(node, 'lockset'), `'${other.name}' is the lock of this lock set already`);
  }
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const pins = new Map(engine.pins.map((pin) => [pin.node, pin.pointer]));
  const unlocked = new Set<string>();
  for (const node of nodes.filter(isOf('unlock'))) {
    const lock = locks.get(nameOf(node));
    if (lock === undefined) {
      issues.add(at(node, 'lockset'), `no lock is of the lock set '${nameOf(node)}'`);
      continue;
    }
    unlocked.add(nameOf(node));
    checkKeys(lock, node, issues);
    for (const step of between(lock, node, byName)) {
      if (typeof step === 'string') issues.add(at(node), step);
      else if (pins.has(step.name)) {
        const message = `'${step.name}' runs where its lock '${lock.name}' does: pin that instead`;
        issues.add(pins.get(step.name)!, message);
      }
    }
  }
  for (const [name, lock] of locks) {
    if (!unlocked.has(name))
      issues.add(at(lock, 'lockset'), `no unlock is of the lock set '${name}'`);
  }
}

const nameOf = (node: OperatorOf<'lock'> | OperatorOf<'unlock'>): string =>
  (node.node as { readonly lockset: string }).lockset;

const at = (node: PlannedNode, ...steps: string[]): string =>
  pointer('operators', node.name, ...steps);

function checkKeys(
  lock: OperatorOf<'lock'>,
  unlock: OperatorOf<'unlock'>,
  issues: IssueList,
): void {
  const typesOf = ({ plan }: OperatorOf<'lock'> | OperatorOf<'unlock'>) =>
    (plan.config as { readonly keys: readonly number[] }).keys.map(
      (column) => plan.inputs[0]!.schema[column]!.type,
    );
  const [expected, found] = [typesOf(lock), typesOf(unlock)];
  const isSame =
    expected.length === found.length && expected.every((type, k) => sameType(type, found[k]!));
  if (isSame) return;
  const [is, of] = [found.map(typeName).join(', '), expected.map(typeName).join(', ')];
  issues.add(at(unlock, 'key'), `the key is ${is}; that of the lock '${lock.name}' is ${of}`);
}

/** The nodes from behind a lock to an unlock; a text for what does not belong there. */
function between(
  lock: PlannedNode,
  unlock: PlannedNode,
  byName: ReadonlyMap<string, PlannedNode>,
): ReadonlySet<PlannedNode | string> {
  const found = new Set<PlannedNode | string>();
  const visit = (node: PlannedNode): void => {
    if (node === lock || found.has(node)) return;
    if (node.type !== 'operator') {
      found.add(`rows of '${node.name}' get here that have not passed the lock '${lock.name}'`);
      return;
    }
    found.add(node);
    if (node.plan.distribution.kind !== 'any') {
      const message = `'${node.name}', between it and the lock '${lock.name}', keeps rows or brings them together`;
      found.add(`${message}: expected only operators that hand each row on`);
      return;
    }
    for (const input of node.inputs) visit(byName.get(input.node)!);
  };
  visit(unlock);
  return found;
}
