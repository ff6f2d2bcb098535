/** A start line for the threads of a round. @module */

import { allocateCell, type Allocator, SharedCell } from '../../src/ringbuf/index.ts';

/** Where the threads of a round meet: plain data. */
export interface Meeting {
  readonly byteOffset: number;
  readonly threads: number;
}

/** Reserves a start line for `threads` threads. */
export function allocateMeeting(arena: Allocator, threads: number): Meeting {
  return { byteOffset: allocateCell(arena), threads };
}

/** Makes a start line ready for the next round. Call it while nobody is there. */
export function resetMeeting(buffer: SharedArrayBuffer, meeting: Meeting): void {
  new SharedCell(buffer, meeting.byteOffset).set(0);
}

/** Waits, spinning, until all threads are here. */
export function meet(buffer: SharedArrayBuffer, meeting: Meeting): void {
  const cell = new SharedCell(buffer, meeting.byteOffset);
  cell.add(1);
  while (cell.get() < meeting.threads);
}
