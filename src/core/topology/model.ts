/**
 * The topology in the form the planner builds on: checked, complete and plain data.
 *
 * What a document leaves out is filled in here; what it may write in several ways is written in
 * one. Durations are microseconds, sizes are bytes, types are {@link DataType}s, inputs are lists,
 * and the order of nodes, columns and routes is the document's. Only the text of expressions is
 * still unchecked: that needs the schemas of streams, which the planner works out.
 *
 * Everything that can turn out to be wrong later carries the JSON pointer it came from, so that a
 * later check can report it like any other (see `issues.ts`).
 *
 * This file holds types only. Workers may import types from it; nothing else of this folder.
 *
 * @module
 */

import type { Schema } from '../schema.ts';
import type { DurationUs, TimeUs } from '../units.ts';
import type {
  ErrorPolicy,
  FileFormat,
  FilePath,
  InputRef,
  JsonValue,
  SortKey,
} from './model/parts.ts';
import type { Admission } from './model/admission.ts';
import type { IncludedParts } from './model/included.ts';
import type { KnownOperator } from './model/operators.ts';
import type { TableDefinition } from './model/table.ts';

export type * from './model/parts.ts';
export type * from './model/admission.ts';
export type * from './model/parameters.ts';
export type * from './model/operators.ts';
export type { TableDefinition, TableDisk, TableKeep } from './model/table.ts';
export type * from './model/included.ts';

/** A whole topology. Node names are unique over sources, operators and sinks. */
export interface Topology {
  readonly version: 1;
  readonly name: string;
  /** At least one, in document order. */
  readonly sources: readonly SourceNode[];
  /** In document order, which need not be the order of the data flow; there are no cycles. */
  readonly operators: readonly OperatorNode[];
  readonly sinks: readonly SinkNode[];
  readonly tables: readonly TableDefinition[];
  readonly engine: EngineSettings;
  /** What is left of its includes, whose operators are among `operators`; without any it is left out. */
  readonly included?: IncludedParts;
}

/** Any node of a topology, told apart by `section`. */
export type TopologyNode = SourceNode | OperatorNode | SinkNode;

/** The part of the document a node stands in, which is also the first step of its pointers. */
export type Section = 'sources' | 'operators' | 'sinks';

/** Name of a node's only, or first, output; in a document it is the node's own name. */
export type MainPort = '';

// --- Sources ---------------------------------------------------------------------------------

/** Where rows come from, told apart by `connector`. */
export type SourceNode =
  | FileSource
  | GeneratorSource
  | EmbeddedSource
  | ModuleSource
  | MetronomeSource
  | ShedSource;

/** What every source has. */
export interface SourceCommon {
  readonly section: 'sources';
  readonly name: string;
  /** At least one column. */
  readonly schema: Schema;
  /** `undefined` when the stream carries no event time. */
  readonly time: EventTime | undefined;
  /** A string column, see `changes.ts`; `undefined`: every row is there to stay. */
  readonly changes: string | undefined;
  readonly onError: ErrorPolicy;
  /** `undefined` when the document says nothing about overload. */
  readonly admission: Admission | undefined;
}

/** Which column is the event time, and how far out of order it may be. */
export interface EventTime {
  /** A timestamp column of the source's schema. */
  readonly field: string;
  /** The watermark is the largest time seen minus this; 0 by default. */
  readonly latenessUs: DurationUs;
  /** After this long without a row the source holds no watermark back; `undefined`: it always does. */
  readonly idleAfterUs: DurationUs | undefined;
}

/** Reads a file once, from beginning to end. */
export interface FileSource extends SourceCommon {
  readonly connector: 'file';
  readonly path: FilePath;
  readonly format: FileFormat;
  /** The file is compressed: its name ends in `.gz`. */
  readonly gzip: boolean;
}

/** Rows that the embedding program pushes. */
export interface EmbeddedSource extends SourceCommon {
  readonly connector: 'embedded';
}

/** Made-up rows: the same seed gives the same rows. */
export interface GeneratorSource extends SourceCommon {
  readonly connector: 'generator';
  /** 0 to 2^32 − 1; 1 by default. */
  readonly seed: number;
  /** Rows in all; `undefined`: no end. */
  readonly count: number | undefined;
  /** When rows come; `undefined`: as fast as they are taken. */
  readonly rate: Rate | undefined;
  /** One for each column of `schema`, in its order, and able to make values of its type. */
  readonly fields: readonly Distribution[];
}

/** Rows of a source that the user wrote. */
export interface ModuleSource extends SourceCommon {
  readonly connector: 'module';
  readonly module: FilePath;
  /** Name of the exported function that opens the source. */
  readonly export: string;
  /** What the function is called with; nothing of it is looked at. */
  readonly options: { readonly [name: string]: JsonValue };
  /** How many tasks give rows, each its own part; at least 1. */
  readonly parallel: number;
}

/** A row with the time, at multiples of an interval. */
export interface MetronomeSource extends SourceCommon {
  readonly connector: 'metronome';
  /** Greater than 0. */
  readonly everyUs: DurationUs;
  /** Rows in all; `undefined`: no end. */
  readonly count: number | undefined;
}

/** What all gates have dropped: there when something reads it, see `shed-stream.ts`. In no document. */
export interface ShedSource extends SourceCommon {
  readonly connector: 'shed';
}

/** When a generator's rows come. */
export type Rate = ConstantRate | PhasedRate;

/** Evenly spaced rows. */
export interface ConstantRate {
  readonly kind: 'constant';
  /** Greater than 0. */
  readonly rowsPerSecond: number;
}

/** A schedule, for bursts. */
export interface PhasedRate {
  readonly kind: 'phases';
  /** At least one; in at least one of them rows come. */
  readonly phases: readonly RatePhase[];
  /** True: start again after the last phase. False: the source ends there. */
  readonly repeat: boolean;
}

/** A stretch of evenly spaced rows. */
export interface RatePhase {
  /** Greater than 0. */
  readonly durationUs: DurationUs;
  /** 0 is a pause. */
  readonly rowsPerSecond: number;
}

/**
 * How the values of one generated column are drawn.
 *
 * Where a fraction is drawn for an integer column it is rounded to a nearest whole number, for a
 * decimal column to its scale.
 */
export type Distribution =
  /** `start`, `start + step`, … by row. */
  | { readonly kind: 'sequence'; readonly start: number; readonly step: number }
  /** Integer columns: whole numbers from `low` to `high`, both included. Others: `low ≤ x < high`. */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** Ranks 1 … n, where rank k is drawn in proportion to k^−s. */
  | { readonly kind: 'zipf'; readonly n: number; readonly s: number }
  /** One of `values`, in proportion to `weights` (as many, at least one above 0). */
  | {
      readonly kind: 'choice';
      readonly values: readonly JsonValue[];
      readonly weights: readonly number[];
    }
  /** Always this. A literal of the column's type, see {@link JsonValue} and `literals.ts`. */
  | { readonly kind: 'constant'; readonly value: JsonValue }
  /** True with this probability. */
  | { readonly kind: 'bool'; readonly probability: number }
  /** Null with this probability, else drawn from `of`. */
  | { readonly kind: 'null'; readonly probability: number; readonly of: Distribution }
  /**
   * Text with values in it: `parts` and values drawn from `of` in turn, `parts` first and last
   * (so `parts.length === of.length + 1`). A part drawn from sequence, uniform or zipf is a whole
   * number (int64), from normal or exponential a float64, from choice or constant a string, from
   * bool a bool. No part is null.
   */
  | {
      readonly kind: 'template';
      readonly parts: readonly string[];
      readonly of: readonly Distribution[];
    }
  /**
   * The time of row i: `startUs + i · stepUs − r`, with r uniform in `0 ≤ r ≤ jitterUs`. So a
   * source with `lateness` of at least the jitter has no late rows.
   */
  | {
      readonly kind: 'time';
      readonly startUs: TimeUs;
      readonly stepUs: DurationUs;
      readonly jitterUs: DurationUs;
    };

// --- Operators -------------------------------------------------------------------------------

/** What happens to rows, told apart by `type`. */
export type OperatorNode = KnownOperator;

// --- Sinks -----------------------------------------------------------------------------------

/** Where rows go, told apart by `connector`. */
export type SinkNode = FileSink | StdoutSink | EmbeddedSink | DiscardSink;

/** What every sink has. */
export interface SinkCommon {
  readonly section: 'sinks';
  readonly name: string;
  /** Exactly one. */
  readonly inputs: readonly InputRef[];
}

/** Writes a file beside its target and renames it at the end. */
export interface FileSink extends SinkCommon {
  readonly connector: 'file';
  readonly path: FilePath;
  readonly format: FileFormat;
  /** The file is to be compressed: its name ends in `.gz`. */
  readonly gzip: boolean;
  /** Empty: rows are written as they come. */
  readonly orderBy: readonly SortKey[];
}

/** Writes to standard output. */
export interface StdoutSink extends SinkCommon {
  readonly connector: 'stdout';
  readonly format: FileFormat;
}

/** Hands batches to the embedding program. */
export interface EmbeddedSink extends SinkCommon {
  readonly connector: 'embedded';
  /** Rows that are kept for readers who come late; `undefined`: none, and there is one reader. */
  readonly keep: KeptHistory | undefined;
}

/** Which rows are kept: one of the two is not `Infinity`. */
export interface KeptHistory {
  readonly rows: number;
  /** Those whose event time is less than so much before the latest. */
  readonly forUs: DurationUs;
  /** Less is kept where it would take more. */
  readonly limitBytes: number;
}

/** Counts rows and drops them. */
export interface DiscardSink extends SinkCommon {
  readonly connector: 'discard';
}

// --- Engine ----------------------------------------------------------------------------------

/** How a consumer waits for rows. */
export type WaitPolicy = 'auto' | 'park' | 'spin';

/** How the engine runs the topology. */
export interface EngineSettings {
  /** `undefined`: one less than there are processors, at least one. */
  readonly workers: number | undefined;
  /** Nodes with a fixed worker; that the worker is there is checked when workers are known. */
  readonly pins: readonly Pin[];
  /** `undefined`: no state is written. */
  readonly stateDir: FilePath | undefined;
  /** Bounds on what each task remembers, and on what it has on disk. */
  readonly stateLimitBytes: number;
  readonly spillLimitBytes: number;
  readonly ring: RingSettings;
  /** How far the watermarks of sources that meet in a join or merge may drift apart. */
  readonly driftUs: DurationUs;
  /** What an int64 is at the JavaScript surface. */
  readonly int64: 'bigint' | 'number';
  readonly waitPolicy: WaitPolicy;
}

/** A node's fixed worker. */
export interface Pin {
  readonly node: string;
  /** Not negative. */
  readonly worker: number;
  readonly pointer: string;
}

/** Sizes of rings; `undefined`: the planner decides. */
export interface RingSettings {
  /** A power of two. */
  readonly slots: number | undefined;
  /** Rows a slot has room for. */
  readonly rows: number | undefined;
  /** Room in a slot for strings longer than 12 bytes. */
  readonly heapBytes: number | undefined;
}
