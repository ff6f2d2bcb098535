/** One of the parts of an operator's state: some of the keys, in memory or on disk. @module */

import type { KernelMemory } from '../../../core/memory.ts';
import type { Kernel, KernelContext, KernelCounters } from '../../../core/operator.ts';
import type { SpillStore } from '../../../core/spill-store.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfItems } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { MemoryLease, MemoryPool } from '../../../state/index.ts';
import { PartQueue } from './part-log.ts';
import type { PartPath } from './part-split.ts';
import { isOnPath } from './part-split.ts';
import { isParting } from './parting.ts';
import type { PieceBuffer } from './stored-state.ts';
import { StoredState } from './stored-state.ts';

/** Makes a kernel of the operator itself. */
export type MakeKernel = (context: KernelContext) => Kernel;

/** What all parts of a task have in common. */
export interface PartShared {
  /** How many there are. */
  readonly inputs: number;
  readonly make: MakeKernel;
  readonly context: KernelContext;
  readonly store: SpillStore;
  readonly pool: MemoryPool;
  readonly buffer: PieceBuffer;
}

/** What a part's kernel has, to be given back when it goes. */
interface Lent {
  readonly memory: KernelMemory;
  readonly state: MemoryLease;
  readonly watched: (() => number)[];
}

/** A part is not parted again before it has grown so many times. */
const GROWTH = 3 / 2;

/** Where the kernel of a part is, and what it was told. */
export class Part implements PartPath {
  /** Its place, and what came for it while it is on disk. */
  readonly queue: PartQueue;
  depth = 0;
  path = 0;
  /** `undefined`: it was never needed, or is on disk. */
  kernel: Kernel | undefined;
  readonly stored: StoredState;
  isOnDisk = false;
  /** What is stored has more keys than its own. */
  hasOthers = false;
  /** It is not parted with less in memory. */
  leastBytes = 0;
  /** By input: the last watermark that the kernel was told. */
  told: TimeUs[];
  /** By input: whether it was told that it has ended. */
  ended: boolean[];
  /** Its own last watermark. */
  watermarkUs: TimeUs = -Infinity;
  readonly #shared: PartShared;
  #lent: Lent | undefined;

  constructor(place: number, shared: PartShared) {
    const { inputs, store, buffer } = shared;
    this.queue = new PartQueue(place, inputs);
    this.stored = new StoredState(store, buffer);
    this.told = Array.from({ length: inputs }, () => -Infinity);
    this.ended = Array.from({ length: inputs }, () => false);
    this.#shared = shared;
  }

  /** Bytes of memory that its state takes. */
  get usedBytes(): number {
    let bytes = 0;
    for (const watched of this.#lent?.watched ?? []) bytes += watched();
    return bytes;
  }

  /** Makes its kernel, which knows nothing. */
  open(): Kernel {
    const { context, pool, make } = this.#shared;
    const lent: Lent = { memory: context.memory.lend(), state: pool.lease(), watched: [] };
    this.#lent = lent;
    const counters = countersOf(context.counters, lent.watched);
    this.kernel = make({ ...context, memory: lent.memory, stateMemory: lent.state, counters });
    return this.kernel;
  }

  /** Lets go of the kernel. */
  drop(): void {
    this.kernel = undefined;
    this.#lent?.memory.giveBack();
    this.#lent?.state.giveBack();
    this.#lent = undefined;
  }

  /** Makes its kernel of what is stored. */
  *read(): Steps<Kernel> {
    const kernel = this.open();
    this.isOnDisk = false;
    yield* this.stored.read(kernel);
    if (this.hasOthers) yield* this.#keepOwn();
    return kernel;
  }

  /** Gives half of its keys to another part, which is on disk. */
  *part(): Steps<Part> {
    const other = new Part(this.queue.place, this.#shared);
    yield* other.stored.write(this.kernel!);
    other.isOnDisk = true;
    other.hasOthers = true;
    other.told = [...this.told];
    other.ended = [...this.ended];
    other.watermarkUs = this.watermarkUs;
    this.depth = other.depth = this.depth + 1;
    this.path *= 2;
    other.path = this.path + 1;
    yield* this.#keepOwn();
    return other;
  }

  *#keepOwn(): Steps {
    const { kernel, depth, path } = this;
    if (kernel !== undefined && isParting(kernel)) {
      yield* kernel.keepOnly((hash) => isOnPath(hash, depth, path));
    }
    this.hasOthers = false;
    this.leastBytes = this.usedBytes * GROWTH;
  }

  *state(io: StateIo): Steps {
    this.depth = io.int(this.depth);
    this.path = io.int(this.path);
    this.isOnDisk = io.flag(this.isOnDisk);
    this.hasOthers = io.flag(this.hasOthers);
    this.leastBytes = io.float(this.leastBytes);
    this.watermarkUs = io.float(this.watermarkUs);
    this.told = yield* stateOfItems(io, this.told, (told) => io.float(told ?? 0));
    this.ended = yield* stateOfItems(io, this.ended, (ended) => io.flag(ended ?? false));
    yield* this.stored.state(io);
    if (!io.flag(this.kernel !== undefined)) return;
    const steps = (this.kernel ?? this.open()).state?.(io);
    if (steps !== undefined) yield* steps;
  }
}

/** Those of the task; what is watched is seen as a whole. */
function countersOf(counters: KernelCounters, watched: (() => number)[]): KernelCounters {
  return {
    addLate: (rows) => counters.addLate(rows),
    addErrors: (rows) => counters.addErrors(rows),
    addEvicted: (rows) => counters.addEvicted?.(rows),
    addWithheld: (rows) => counters.addWithheld?.(rows),
    watchState: (usedBytes) => void watched.push(usedBytes),
  };
}
