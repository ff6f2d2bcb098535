/** Kernels that go by the clock are told the time. @module */

import type { Clock } from '../../../core/clock.ts';
import type { Kernel, OperatorPlan } from '../../../core/operator.ts';
import { ProcessingTime } from './processing-time.ts';
import { ToldTime } from './told-time.ts';

/** The kernel of a plan, told the time if it wants to know. */
export function withClock(
  kernel: Kernel,
  time: OperatorPlan['time'],
  clock: Clock,
  rowCapacity: number,
): Kernel {
  if (time === 'both') return new ToldTime(kernel, clock);
  if (time !== 'processing') return kernel;
  return new ProcessingTime(kernel, clock, rowCapacity);
}
