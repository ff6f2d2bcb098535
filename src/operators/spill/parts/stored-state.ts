/** What a kernel remembers, on disk. @module */

import type { SpillStore } from '../../../core/spill-store.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfList } from '../../../core/state-io.ts';
import type { Remembering } from '../../../state/index.ts';
import { readSnapshot, writeSnapshot } from '../../../state/index.ts';

interface StoredPiece {
  readonly at: number;
  readonly bytes: number;
}

/** Where a piece is read to: one for all parts of a task. */
export interface PieceBuffer {
  bytes: Uint8Array<ArrayBuffer>;
}

/** Who reads it is the one that wrote it. */
const IDENTITY = 'part';

/** One kernel's. */
export class StoredState {
  bytes = 0;
  readonly #store: SpillStore;
  readonly #buffer: PieceBuffer;
  #pieces: StoredPiece[] = [];

  constructor(store: SpillStore, buffer: PieceBuffer) {
    this.#store = store;
    this.#buffer = buffer;
  }

  /** Writes it, which gets no calls any more. */
  *write(kernel: Remembering): Steps {
    yield* writeSnapshot(kernel, IDENTITY, (bytes) => this.#append(bytes));
  }

  #append(bytes: Uint8Array): void {
    this.#pieces.push({ at: this.#store.append(bytes), bytes: bytes.length });
    this.bytes += bytes.length;
  }

  /** Reads it into a kernel that was just made, and forgets it. */
  *read(kernel: Remembering): Steps {
    let current: Uint8Array = new Uint8Array(0);
    let from = 0;
    let next = 0;
    yield* readSnapshot(kernel, IDENTITY, (target) => {
      if (from === current.length) {
        const piece = this.#pieces[next++];
        if (piece === undefined) return 0;
        current = this.#room(piece.bytes);
        from = 0;
        this.#store.read(piece.at, current);
        this.#store.release(piece.at, piece.bytes);
      }
      const part = current.subarray(from, from + target.length);
      target.set(part);
      from += part.length;
      return part.length;
    });
    for (const { at, bytes } of this.#pieces.slice(next)) this.#store.release(at, bytes);
    this.#pieces = [];
    this.bytes = 0;
  }

  #room(bytes: number): Uint8Array {
    const buffer = this.#buffer;
    if (buffer.bytes.length < bytes) buffer.bytes = new Uint8Array(bytes);
    return buffer.bytes.subarray(0, bytes);
  }

  /** The bytes themselves, for a copy of all that a task remembers. */
  *state(io: StateIo): Steps {
    const store = this.#store;
    const walk = function* (known: StoredPiece | undefined): Steps<StoredPiece> {
      const bytes = new Uint8Array(known?.bytes ?? 0);
      if (known !== undefined) store.read(known.at, bytes);
      const given = yield* io.bytes(bytes);
      return known ?? { at: store.append(given), bytes: given.length };
    };
    this.#pieces = yield* stateOfList(io, this.#pieces, walk);
    this.bytes = this.#pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
