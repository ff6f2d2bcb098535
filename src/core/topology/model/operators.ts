/** The normal forms of all operators. Types only. @module */

import type { ActorOperator } from './actor.ts';
import type { AggregateOperator } from './aggregate.ts';
import type { BsortOperator } from './bsort.ts';
import type { DecisionTableOperator } from './decision-table.ts';
import type { DelayOperator } from './delay.ts';
import type { ExecOperator } from './exec.ts';
import type { FilterOperator } from './filter.ts';
import type { FormatOperator } from './format.ts';
import type { GatherOperator } from './gather.ts';
import type { HeartbeatOperator } from './heartbeat.ts';
import type { IterateOperator } from './iterate.ts';
import type { JoinOperator } from './join.ts';
import type { LookupOperator } from './lookup.ts';
import type { MapOperator } from './map.ts';
import type { MaterializeOperator } from './materialize.ts';
import type { MergeOperator } from './merge.ts';
import type { ModuleOperator } from './module.ts';
import type { ParseOperator } from './parse.ts';
import type { PartitionOperator } from './partition.ts';
import type { PatternOperator } from './pattern.ts';
import type { PivotOperator } from './pivot.ts';
import type { QueryOperator } from './query.ts';
import type { RandomDropOperator } from './random-drop.ts';
import type { SequenceOperator } from './sequence.ts';
import type { SplitOperator } from './split.ts';
import type { SunionOperator } from './sunion.ts';
import type { ThrottleOperator } from './throttle.ts';
import type { TopOperator } from './top.ts';
import type { UnionOperator } from './union.ts';
import type { UnnestOperator } from './unnest.ts';
import type { UpdateQueueOperator } from './update-queue.ts';
import type { WaitforOperator } from './waitfor.ts';
import type { DedupOperator } from './dedup.ts';
import type { ResampleOperator } from './resample.ts';
import type { WindowDropOperator } from './window-drop.ts';
import type { LockOperator } from './lock.ts';
import type { UnlockOperator } from './unlock.ts';
import type { WsortOperator } from './wsort.ts';

export type { ActorOperator } from './actor.ts';
export type { AggregateOperator, Emit } from './aggregate.ts';
export type { BsortOperator, SortBuffer } from './bsort.ts';
export type {
  DecisionTableOperator,
  Rule,
  RuleCell,
  RuleHit,
  Unmatched,
} from './decision-table.ts';
export type { DelayOperator } from './delay.ts';
export type { ExecOperator } from './exec.ts';
export type { FilterMode, FilterOperator } from './filter.ts';
export type { FormatOperator } from './format.ts';
export type { GatherOperator } from './gather.ts';
export type { HeartbeatOperator } from './heartbeat.ts';
export type { IterateOperator } from './iterate.ts';
export type { JoinOperator, JoinReach } from './join.ts';
export type { AnswerCache, LookupKey, LookupKind, LookupOperator, TableModule } from './lookup.ts';
export type { MapOperator } from './map.ts';
export type { MaterializeOperator } from './materialize.ts';
export type { MergeOperator } from './merge.ts';
export type { ModuleOperator } from './module.ts';
export type { ParseOperator } from './parse.ts';
export type { PartitionOperator } from './partition.ts';
export type { PatternOperator } from './pattern.ts';
export type { PivotOperator } from './pivot.ts';
export type { QueryAction, QueryOperator, QueryRange } from './query.ts';
export type { RandomDropOperator } from './random-drop.ts';
export type * from './row-window.ts';
export type { SequenceOperator } from './sequence.ts';
export type { SplitOperator } from './split.ts';
export type { SunionOperator } from './sunion.ts';
export type { ThrottleOperator } from './throttle.ts';
export type { TopOperator } from './top.ts';
export type { UnionColumns, UnionOperator } from './union.ts';
export type { UnnestOperator } from './unnest.ts';
export type { UpdateQueueOperator } from './update-queue.ts';
export type { WaitforOperator } from './waitfor.ts';
export type { DedupOperator } from './dedup.ts';
export type { ResampleOperator } from './resample.ts';
export type { WindowDropOperator } from './window-drop.ts';
export type { LockOperator } from './lock.ts';
export type { UnlockOperator } from './unlock.ts';
export type { WsortOperator } from './wsort.ts';

/** Each operator's normal form by its type. */
interface OperatorNodes {
  readonly actor: ActorOperator;
  readonly aggregate: AggregateOperator;
  readonly bsort: BsortOperator;
  readonly decision_table: DecisionTableOperator;
  readonly delay: DelayOperator;
  readonly filter: FilterOperator;
  readonly format: FormatOperator;
  readonly gather: GatherOperator;
  readonly heartbeat: HeartbeatOperator;
  readonly iterate: IterateOperator;
  readonly join: JoinOperator;
  readonly lookup: LookupOperator;
  readonly map: MapOperator;
  readonly materialize: MaterializeOperator;
  readonly merge: MergeOperator;
  readonly exec: ExecOperator;
  readonly module: ModuleOperator;
  readonly parse: ParseOperator;
  readonly partition: PartitionOperator;
  readonly pattern: PatternOperator;
  readonly pivot: PivotOperator;
  readonly query: QueryOperator;
  readonly random_drop: RandomDropOperator;
  readonly sequence: SequenceOperator;
  readonly split: SplitOperator;
  readonly throttle: ThrottleOperator;
  readonly top: TopOperator;
  readonly sunion: SunionOperator;
  readonly union: UnionOperator;
  readonly unnest: UnnestOperator;
  readonly update_queue: UpdateQueueOperator;
  readonly waitfor: WaitforOperator;
  readonly dedup: DedupOperator;
  readonly resample: ResampleOperator;
  readonly window_drop: WindowDropOperator;
  readonly lock: LockOperator;
  readonly unlock: UnlockOperator;
  readonly wsort: WsortOperator;
}

/** An operator of any type. */
export type KnownOperator = OperatorNodes[keyof OperatorNodes];
