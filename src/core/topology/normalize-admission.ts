/** Brings what a source says about overload into its normal form. @module */

import { type DurationUs, parseSizeBytes } from '../units.ts';
import { invariant } from '../invariant.ts';
import type { AdmissionDocument } from './document/admission.ts';
import { pointer } from './issues.ts';
import { entriesOf } from './key-order.ts';
import type { Expression } from './model/parts.ts';
import type { Admission, Graph, OfClass, SpillSettings } from './model/admission.ts';
import { durationUs } from './normalize-values.ts';

/** Bytes on disk where nothing is said. */
const DEFAULT_SPILL_BYTES = 1024 ** 3;

/** The latency goal where nothing is said, and the least that a graph can set. */
const DEFAULT_SLO_US = 50_000;
const LEAST_SLO_US = 1000;

/** The name that stands for all classes that are not named. */
const OTHERS = 'default';

/** @param at - the pointer of the section */
export function normalizeAdmission(
  at: string,
  admission: AdmissionDocument | undefined,
): Admission | undefined {
  if (admission === undefined) return undefined;
  const expression = (
    property: 'value' | 'class' | 'droppable' | 'tenant',
  ): Expression | undefined => {
    const text = admission[property];
    return text === undefined ? undefined : { text, pointer: at + pointer(property) };
  };
  const { qos, weights, minShare, onOverload = 'block' } = admission;
  return {
    value: expression('value'),
    class: expression('class'),
    droppable: expression('droppable'),
    tenant: expression('tenant'),
    weights: entriesOf(weights ?? {}).map(([tenant, weight]) => ({ tenant, weight })),
    fairness: admission.fairness ?? 1,
    sloUs: durationUs(admission.slo, goalOf(qos?.latency)),
    loss: byClass(qos?.loss ?? {}, toGraph),
    utility: qos?.value && toGraph(qos.value),
    minShare:
      typeof minShare === 'number'
        ? [{ class: undefined, said: minShare }]
        : byClass(minShare ?? {}, (share) => share),
    onOverload,
    policy: admission.policy ?? 'value',
    maxRowsPerSecond: admission.maxRate,
    windows: admission.windows,
    lateShed: admission.lateShed ?? true,
    spill: normalizeSpill(onOverload, admission.spill),
  };
}

/** The last point of a graph of latency that has the full utility. */
function goalOf(latency: readonly (readonly [string, number])[] | undefined): DurationUs {
  if (latency === undefined) return DEFAULT_SLO_US;
  const [, full] = latency[0]!;
  const [goal] = latency.findLast(([, utility]) => utility >= full)!;
  return Math.max(LEAST_SLO_US, durationUs(goal, 0));
}

function normalizeSpill(
  onOverload: Admission['onOverload'],
  spill: AdmissionDocument['spill'],
): SpillSettings | undefined {
  if (onOverload !== 'spill' && onOverload !== 'spillThenShed') return undefined;
  const limitBytes = spill?.limit === undefined ? DEFAULT_SPILL_BYTES : parseSizeBytes(spill.limit);
  invariant(limitBytes !== undefined, `unchecked size '${spill?.limit}'`);
  return { dir: spill?.dir, limitBytes, order: spill?.order ?? 'hold' };
}

function toGraph(points: readonly (readonly [number, number])[]): Graph {
  return points.map(([x, y]) => ({ x, y }));
}

function byClass<Written, Said>(
  written: Readonly<Record<string, Written>>,
  normalize: (written: Written) => Said,
): OfClass<Said>[] {
  return entriesOf(written).map(([name, value]) => ({
    class: name === OTHERS ? undefined : name,
    said: normalize(value),
  }));
}
