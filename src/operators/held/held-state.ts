/** The memory in which an operator keeps rows. @module */

import { MillraceError } from '../../core/errors.ts';
import type { KernelContext } from '../../core/operator.ts';
import { Arena, HeldBlocks } from '../../state/index.ts';

/** 64 KiB. */
const MOST_PAGE_CELLS = 8192;
const LEAST_PAGE_CELLS = 512;
/** Pages that the limit should have room for, so that it is used well. */
const PAGES_IN_LIMIT = 256;

/**
 * Memory for rows and groups, up to the limit of the task's state.
 *
 * @param kind - the operator's, for messages
 * @param what - what is kept: `rows that wait for their turn`
 * @param advice - how there could be less of it
 */
export function allocateHeld(
  { node, memory, counters, stateLimitBytes, stateMemory }: KernelContext,
  kind: string,
  what: string,
  advice: string,
): { readonly arena: Arena; readonly blocks: HeldBlocks } {
  let pageCells = LEAST_PAGE_CELLS;
  while (pageCells < MOST_PAGE_CELLS && 16 * pageCells * PAGES_IN_LIMIT <= stateLimitBytes) {
    pageCells *= 2;
  }
  const full = (limitBytes: number): MillraceError => {
    const message = `${kind} '${node}' keeps ${what}, and more would exceed the limit of its state`;
    return new MillraceError('ERR_LIMIT_EXCEEDED', `${message}, ${limitBytes} bytes: ${advice}`, {
      node,
    });
  };
  const arena = Arena.allocate(stateLimitBytes, pageCells, full, stateMemory);
  counters.watchState?.(() => arena.usedBytes);
  return { arena, blocks: new HeldBlocks(memory, arena) };
}
