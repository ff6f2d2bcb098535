/** Brings distributions of a generator into their normal form. @module */

import { invariant } from '../invariant.ts';
import type { DistributionDocument } from './document/distributions.ts';
import type { Distribution } from './model.ts';
import { durationUs } from './normalize-values.ts';
import { parseTimestampUs } from './timestamp-text.ts';

/** The normal form of a checked distribution. */
export function normalizeDistribution(d: DistributionDocument): Distribution {
  if (d.sequence !== undefined) {
    return { kind: 'sequence', start: d.sequence.start ?? 0, step: d.sequence.step ?? 1 };
  }
  if (d.uniform !== undefined) return { kind: 'uniform', low: d.uniform[0], high: d.uniform[1] };
  if (d.normal !== undefined) return { kind: 'normal', ...d.normal };
  if (d.exponential !== undefined) return { kind: 'exponential', ...d.exponential };
  if (d.zipf !== undefined) return { kind: 'zipf', ...d.zipf };
  if (d.choice !== undefined) {
    return { kind: 'choice', values: d.choice, weights: d.weights ?? d.choice.map(() => 1) };
  }
  if (d.constant !== undefined) return { kind: 'constant', value: d.constant };
  if (d.bool !== undefined) return { kind: 'bool', probability: d.bool };
  if (d.null !== undefined) {
    invariant(d.of !== undefined && !Array.isArray(d.of), `unchecked 'null'`);
    return { kind: 'null', probability: d.null, of: normalizeDistribution(d.of) };
  }
  if (d.template !== undefined) return normalizeTemplate(d.template, d.of);
  invariant(d.time !== undefined, 'unchecked distribution');
  const startUs = parseTimestampUs(d.time.start);
  invariant(startUs !== undefined, `unchecked timestamp '${d.time.start}'`);
  const [stepUs, jitterUs] = [durationUs(d.time.step, 0), durationUs(d.time.jitter, 0)];
  return { kind: 'time', startUs, stepUs, jitterUs };
}

/** Cuts the text at its placeholders; one distribution for each, in the order of the text. */
function normalizeTemplate(template: string, of: DistributionDocument['of']): Distribution {
  const drawn = of === undefined ? [] : Array.isArray(of) ? of : [of];
  // Splitting by a pattern with a group gives text and index in turn, text first and last.
  const pieces = template.split(/\{(\d+)\}/);
  const parts = pieces.filter((_, i) => i % 2 === 0);
  const indexes = pieces.filter((_, i) => i % 2 === 1).map(Number);
  return {
    kind: 'template',
    parts,
    of: indexes.map((index) => {
      const part = drawn[index];
      invariant(part !== undefined, `unchecked placeholder {${index}}`);
      return normalizeDistribution(part);
    }),
  };
}
