/** Functions of topologies that take time, for tests of overload. @module */

import type { Workspace } from './run-topology.ts';

/**
 * Writes a module whose exports give a row back after so many milliseconds each.
 *
 * By the clock, not by the processor: what other processes take away is work as well, as it is in earnest.
 *
 * @param rowMs - by name of the export
 */
export function writeSlow(
  workspace: Workspace,
  file: string,
  rowMs: Readonly<Record<string, number>>,
): void {
  const exported = Object.entries(rowMs).map(
    ([name, ms]) => `export const ${name} = slow(${ms});\n`,
  );
  workspace.write(
    file,
    `const slow = (ms) => (row) => {
      const endMs = performance.now() + ms;
      while (performance.now() < endMs);
      return row;
    };
    ${exported.join('')}`,
  );
}
