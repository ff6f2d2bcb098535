/**
 * The topology document: reading, checking, normal form. For the planner and the front doors;
 * workers import types from `model.ts` and nothing else of this folder, because zod is slow to load.
 *
 * @module
 */

export { type TopologyDocument, topologyJsonSchema } from './document/document.ts';
export { formatIssue, IssueList, pointer, show, topologyError } from './issues.ts';
export type * from './model.ts';
export { partJsonSchema } from './document/part.ts';
export { type FindOrigin, originsOf } from './parts/origins.ts';
export type { PartText, ReadPart } from './parts/read-part.ts';
export { applyOverrides, type Override, parseOverride } from './overrides.ts';
export {
  type CheckedTopology,
  checkTopology,
  checkTopologyText,
  type ParsedTopology,
  type ParseOptions,
  parseTopology,
  parseTopologyText,
} from './parse.ts';
export {
  dataFlowOrder,
  ERRORS_PORT,
  MAIN_PORT,
  nodesOf,
  parseStreamName,
  readersOf,
  streamName,
} from './ports.ts';
