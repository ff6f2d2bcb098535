/**
 * How a kernel is called, with what it leaves out: see {@link Kernel}.
 *
 * @module
 */

import { invariant } from './invariant.ts';
import type { Kernel, Outbox, Progress } from './operator.ts';
import type { TimeUs } from './units.ts';

/** Tells a kernel a watermark of input `port`; one that does not look at it passes it on. @hot */
export function tellWatermark(
  kernel: Kernel,
  port: number,
  watermarkUs: TimeUs,
  out: Outbox,
): Progress {
  if (kernel.onWatermark !== undefined) return kernel.onWatermark(port, watermarkUs, out);
  out.watermark(watermarkUs);
  return 'done';
}

/** Tells a kernel that input `port` has ended. @hot */
export function tellEnd(kernel: Kernel, port: number, out: Outbox): Progress {
  return kernel.onEnd === undefined ? 'done' : kernel.onEnd(port, out);
}

/** Lets a kernel go on with what it left unfinished. @hot */
export function goOn(kernel: Kernel, out: Outbox): Progress {
  invariant(kernel.resume !== undefined, 'a kernel that finishes every call left one unfinished');
  return kernel.resume(out);
}
