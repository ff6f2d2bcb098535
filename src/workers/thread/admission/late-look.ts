/** Where rows behind a gate are looked at again. @module */

import type { PhysicalPlan } from '../../protocol.ts';

/** Whether rows behind a gate that wait for a head may still be dropped: it alone gets them, and may. */
export function mayDropLate({ rings, admission }: PhysicalPlan, head: number): boolean {
  const { gate, ring } = admission!.heads[head]!;
  const { groups, settings } = admission!.gates[gate]!;
  return (
    settings.lateShed &&
    settings.policy === 'value' &&
    settings.onOverload === 'shed' &&
    groups.length === 1 &&
    rings[ring]!.consumers.length === 1
  );
}
