/** Loading code before there is a job for it: the host plans meanwhile. @module */

import { preloadConnectors } from '../../connectors/registry.ts';
import { preloadKernels } from '../../operators/kernels.ts';
import type { ThreadPreload } from '../protocol.ts';

/** Loads what tasks may need. Never rejects: what cannot be loaded fails when it is used. */
export async function preload({ sources, sinks, operators, chains }: ThreadPreload): Promise<void> {
  await Promise.allSettled([preloadConnectors(sources, sinks), preloadKernels(operators, chains)]);
}
