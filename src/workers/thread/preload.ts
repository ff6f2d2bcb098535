/** Loading code before there is a job for it: the host plans meanwhile. @module */

import { preloadConnectors } from '../../connectors/registry.ts';
import { preloadKernels } from '../../operators/kernels.ts';
import type { ThreadPreload } from '../protocol.ts';

/** Loads what tasks may need. What cannot be loaded fails when it is used. */
export function preload({ sources, sinks, operators }: ThreadPreload): void {
  const ignore = (): void => undefined;
  preloadConnectors(sources, sinks).catch(ignore);
  preloadKernels(operators).catch(ignore);
}
