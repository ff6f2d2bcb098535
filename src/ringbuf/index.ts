/**
 * Shared memory and everything that synchronises threads. The only folder that says `Atomics`.
 *
 * It knows bytes, slots and integers; not batches, tasks' kernels or topologies. `README.md`
 * has the memory-model argument; read it before touching a file here.
 *
 * @module
 */

export { type Allocator, Arena, MAX_ARENA_BYTES } from './arena.ts';
export { allocateBell, Bell, BELL_BYTES } from './bell.ts';
export { allocateCell, CELL_BYTES, SharedCell } from './cell.ts';
export {
  allocateControl,
  type ControlAddress,
  controlBytes,
  HostControl,
  NO_TASK,
  StopMode,
  ThreadControl,
  type ThreadSign,
  ThreadState,
  threadBell,
} from './control.ts';
export {
  allocateCounters,
  type CounterAddress,
  CounterBlock,
  counterBytes,
  CounterReader,
} from './counters.ts';
export { LINE_BYTES, NO_SLOT } from './layout.ts';
export { allocateRing, type RingAddress, ringBytes, type RingShape } from './ring-memory.ts';
export {
  allocateSeqlock,
  type SeqlockAddress,
  seqlockBytes,
  SeqlockReader,
  SeqlockWriter,
} from './seqlock.ts';
export {
  allocateNames,
  NameReader,
  type NamesAddress,
  namesBytes,
  NameWriter,
} from './shared-names.ts';
export {
  abortRing,
  heldSlots,
  RingConsumer,
  type RingEndOptions,
  RingProducer,
} from './spsc-ring.ts';
export {
  BellWaiter,
  chooseWaitPolicy,
  ParkPolicy,
  SpinPolicy,
  SpinThenParkPolicy,
  type WaitFacts,
  type WaitPolicy,
} from './waiting.ts';
