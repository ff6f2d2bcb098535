/**
 * Millrace: a stream-processing engine inside a Node process.
 *
 * Everything that a program may use is exported here, and nothing else is.
 *
 * @module
 */

export type {
  OpenSourceModule,
  SourceBatch,
  SourceColumn,
  SourceModule,
  SourceModuleContext,
  SourceModuleOptions,
  SourceModuleRow,
} from './connectors/module/contract.ts';
export type { Clock } from './core/clock.ts';
export type { BadRow, SourceProgress } from './core/connector.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorDomain,
  MillraceError,
  type RetryHint,
  type TopologyIssue,
} from './core/errors.ts';
export type { Field, Schema } from './core/schema.ts';
export type { Override, TopologyDocument } from './core/topology/index.ts';
export { parseOverride, pointer } from './core/topology/index.ts';
export type { JsonValue } from './core/topology/model.ts';
export type { DataType, Storage } from './core/types.ts';
export { parseDurationUs } from './core/units.ts';
export type { ActorAnswer, ActorQuery } from './engine/asker.ts';
export type { AllowedCommands } from './engine/commands.ts';
export { availableCores } from './engine/cpus.ts';
export type { Input, InputRow } from './engine/embedded/input.ts';
export type { OutputOptions, OutputStart } from './engine/embedded/open-output.ts';
export type { ColumnValues, Int64Mode, Output, OutputBatch } from './engine/embedded/output.ts';
export { nodeReadable, nodeWritable, webReadable, webWritable } from './engine/embedded/streams.ts';
export { Millrace, type StartOptions } from './engine/engine.ts';
export type {
  EdgeDescription,
  PlanDescription,
  RingDescription,
  TaskDescription,
} from './engine/explain.ts';
export type {
  BatchFunction,
  ModuleBatch,
  ModuleColumn,
  ModuleOutput,
  ModuleOutputColumn,
} from './operators/module/contract.ts';
export type { Actor, ActorClass, ActorContext, ActorRow } from './operators/actor/contract.ts';
export {
  CountSlots,
  type CountSlotsOptions,
  OhlcSlot,
  type Slot,
  TimeSlots,
  type TimeSlotsOptions,
} from './operators/actor/slots.ts';
export type {
  LookupContext,
  LookupModule,
  LookupRow,
  OpenLookup,
} from './operators/lookup/contract.ts';
export type { AllowedCommand } from './workers/protocol.ts';
export {
  explainTopology,
  validateTopology,
  type ValidateOptions,
  type Validation,
} from './engine/inspect.ts';
export type { LoadOptions } from './engine/load.ts';
export { parseStreamSql, type StreamSqlOptions } from './streamsql/index.ts';
export type { OperatorUpdate, UpdatedOperatorTask } from './engine/update/updater.ts';
export type { AdmissionSample, AdmissionStats, ClassSample } from './engine/admission-history.ts';
export type { AdmissionCell, WorkerPriceStats, Worth } from './engine/admission-stats.ts';
export type {
  EdgeStats,
  EngineStats,
  OperatorCounts,
  RingStats,
  RunSummary,
  SinkCounts,
  SourceCounts,
  SourceStats,
  StreamState,
  TaskStats,
  TaskWork,
} from './engine/metrics.ts';
