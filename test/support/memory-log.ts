/** A log in memory, as tests of what writes to one need it. */

import type { FrameLog, LogFrame } from '../../src/core/frame-log.ts';

/** Keeps its frames; what was released is gone. */
export class MemoryLog implements FrameLog {
  frames: LogFrame[] = [];
  released = 0;
  syncs = 0;
  #last = 0;
  #next = 0;

  get bytes(): number {
    return this.frames.reduce((bytes, { payload }) => bytes + payload.length, 0);
  }

  read(): LogFrame | undefined {
    return this.frames[this.#next++];
  }

  passOver(sequence: number): void {
    while (this.#next < this.frames.length && this.frames[this.#next]!.sequence <= sequence) {
      this.#next++;
    }
  }

  append(payload: Uint8Array): number {
    this.frames.push({ sequence: ++this.#last, payload: payload.slice() });
    return this.#last;
  }

  release(sequence: number): void {
    while (this.#next > 0 && this.frames[0]!.sequence <= sequence) {
      this.frames.shift();
      this.#next--;
      this.released++;
    }
  }

  sync(): void {
    this.syncs++;
  }

  /** The log as another process finds it. */
  reopened(): MemoryLog {
    const log = new MemoryLog();
    log.frames = [...this.frames];
    log.#last = this.#last;
    return log;
  }
}
