/**
 * Keyed state: what operators remember of the rows they have seen, in memory of a bounded size.
 *
 * Knows columns; knows nothing of windows, watermarks, expressions or topologies.
 *
 * @module
 */

export type { Accumulator, GroupState, ScriptedAccumulator } from './accumulators/accumulator.ts';
export type { GivenRows } from './accumulators/accumulator.ts';
export type { MakeUserAccumulator } from './accumulators/create.ts';
export type {
  AggregateKind,
  AggregateSpec,
  OtherInput,
  UserAggregate,
} from './accumulators/spec.ts';
export type { PartialColumn } from './accumulators/partial.ts';
export { partialColumns } from './accumulators/partial.ts';
export { canRetract, planRecord, recordCells } from './accumulators/plan.ts';
export { Arena, MIN_PAGE_CELLS, reserveMemory } from './arena.ts';
export { keepGroups } from './kept-groups.ts';
export { MemoryPool, type MemoryLease } from './memory-pool.ts';
export { BlockPool } from './block-pool.ts';
export { ExpiryQueue } from './expiry-queue.ts';
export { GroupStates } from './group-state.ts';
export { GroupTable } from './group-table.ts';
export { hashRows } from './hash.ts';
export { KeyHasher } from './key-hasher.ts';
export { KeyedRecords } from './keyed-records.ts';
export { liesInRecord, PaneRecords, paneRecordCells } from './pane-records.ts';
export type { KernelInput } from './kernel/group-kernel.ts';
export { GroupKernel } from './kernel/group-kernel.ts';
export type { FusedInput } from './kernel/shape.ts';
export { canonicalFloats } from './keys.ts';
export { addGroupModule } from './planned-modules.ts';
export type { LooseRecords } from './loose-records.ts';
export { MAX_KEYS, MAX_RECORD_CELLS, pageCellsFor, RecordLayout } from './record-layout.ts';
export type { KeptFacts, Wanted } from './rows/kept-rows.ts';
export { KeptRows } from './rows/kept-rows.ts';
export { LatestRows } from './rows/latest-rows.ts';
export type { PageSource } from './rows/page-source.ts';
export { layoutRows, MARK_AT, TIME_AT } from './rows/row-layout.ts';
export type { RowKernel } from './rows/row-kernel.ts';
export type { BestCursor, BestState } from './best/best-rows.ts';
export { BestRows } from './best/best-rows.ts';
export type { Remembering } from './snapshot/snapshot.ts';
export { finish, readSnapshot, writeSnapshot } from './snapshot/snapshot.ts';
export type { RecordOrderKey } from './best/record-order.ts';
export { RecordOrder } from './best/record-order.ts';
export { GroupCells } from './held/group-cells.ts';
export { HeldBlocks, HeldRows, NO_RECORD } from './held/held-rows.ts';
export { compareOrderKeys, OrderKeys, RecordKey } from './held/order-keys.ts';
export { EMPTY_HEAP, HEAP_WORDS, RecordHeaps } from './held/record-heap.ts';
