/** What a source says about overload: what tuples are worth, and what may happen to them. @module */

import type { DurationUs } from '../../units.ts';
import type { Expression, FilePath } from './parts.ts';

/** What happens when more arrives than can be done. */
export type OverloadPolicy = 'block' | 'shed' | 'spill' | 'spillThenShed';

/**
 * Which tuples go when some have to.
 *
 * - `value`: those worth least
 * - `random`: any, with equal chances
 * - `dropTail`: those that come while the queue is full, as Yahoo! S4's shedding stages do
 * - `codel`: those that waited while the queue has been standing for 100 ms, see RFC 8289
 * - `throttle`: those beyond a number of rows per second, whatever the load
 */
export type ShedPolicy = 'value' | 'random' | 'dropTail' | 'codel' | 'throttle';

/** What aggregates over windows make of tuples that were shed. */
export type WindowMode =
  /** Nothing is shed in front of them. */
  | 'exact'
  /** Counts, sums and averages are estimates of all tuples' ones, with bounds. */
  | 'estimate'
  /** Whole windows or groups are left out; those that come are as without overload. */
  | 'subset';

/** A corner of a {@link Graph}. */
export interface GraphPoint {
  readonly x: number;
  readonly y: number;
}

/** A piecewise linear function: at least one point, `x` ascending; flat beyond both ends. */
export type Graph = readonly GraphPoint[];

/** Something said of one class of tuples, or, where `class` is `undefined`, of all others. */
export interface OfClass<Said> {
  /** The text of the class's value. */
  readonly class: string | undefined;
  readonly said: Said;
}

/** How much of a tenant's share of the capacity is its own. */
export interface TenantWeight {
  readonly tenant: string;
  /** Greater than 0; of tenants that are not named, 1. */
  readonly weight: number;
}

/** Where tuples wait that there is no room for. */
export interface SpillSettings {
  /** `undefined`: a folder `spill` beside the state, or beside the topology file. */
  readonly dir: FilePath | undefined;
  /** Most bytes on disk. */
  readonly limitBytes: number;
  /**
   * - `hold`: the watermark waits for spilled tuples
   * - `late`: it goes on, and they come late
   */
  readonly order: 'hold' | 'late';
}

/** What a tuple is worth and what is to happen under overload. */
export interface Admission {
  /** Value of a tuple, a number; `undefined`: all are worth the same. */
  readonly value: Expression | undefined;
  /** Class of a tuple; `undefined`: all are of one class. */
  readonly class: Expression | undefined;
  /** A condition; where it is false the tuple is never shed. `undefined`: all may be. */
  readonly droppable: Expression | undefined;
  /** Whose the tuple is; `undefined`: all are of one tenant. */
  readonly tenant: Expression | undefined;
  readonly weights: readonly TenantWeight[];
  /** From 0, value alone decides between tenants, to 1, their weights alone do. */
  readonly fairness: number;
  /** The latency goal: what was said, or where a graph of utility by latency begins to fall. */
  readonly sloUs: DurationUs;
  /** Utility by the share of tuples that are lost, from 0 to 1; never rising. */
  readonly loss: readonly OfClass<Graph>[];
  /** Utility by value. */
  readonly utility: Graph | undefined;
  /** The least share of tuples that are admitted, from 0 to 1. */
  readonly minShare: readonly OfClass<number>[];
  readonly onOverload: OverloadPolicy;
  readonly policy: ShedPolicy;
  /** Of `throttle` only. */
  readonly maxRowsPerSecond: number | undefined;
  /** `undefined`: aggregates see what was admitted, as it is. */
  readonly windows: WindowMode | undefined;
  /** Tuples are looked at again when their turn comes. */
  readonly lateShed: boolean;
  /** Of `spill` and `spillThenShed` only. */
  readonly spill: SpillSettings | undefined;
}
