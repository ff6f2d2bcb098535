/**
 * Brings a document that has passed all checks into the form the planner builds on.
 *
 * @module
 */

import { invariant } from '../invariant.ts';
import { SHED_SCHEMA, SHED_STREAM } from '../shed-stream.ts';
import { TIMESTAMP } from '../types.ts';
import { parseSizeBytes } from '../units.ts';
import type { EngineDocument, TopologyDocument } from './document/document.ts';
import type { SinkDocument } from './document/sinks.ts';
import type { SourceDocument } from './document/sources.ts';
import { isGzip } from './file-format.ts';
import { pointer } from './issues.ts';
import { entriesOf, keysOf } from './key-order.ts';
import type {
  EngineSettings,
  EventTime,
  KeptHistory,
  MetronomeSource,
  Rate,
  ShedSource,
  SinkNode,
  SourceNode,
  Topology,
} from './model.ts';
import { normalizeAdmission } from './normalize-admission.ts';
import { normalizeDistribution } from './normalize-distribution.ts';
import {
  durationUs,
  normalizeFormat,
  normalizeSchema,
  normalizeSortKey,
} from './normalize-values.ts';
import { normalizeOperator } from './operators/index.ts';
import { parseStreamName } from './ports.ts';
import { normalizeTable } from './table-checks.ts';

/**
 * The normal form of a document.
 *
 * @param document - has passed all checks; with one that has not, the result makes no sense
 */
export function normalizeTopology(document: TopologyDocument): Topology {
  const sources = entriesOf(document.sources).map(([name, node]) => normalizeSource(name, node));
  const operators = entriesOf(document.operators ?? {}).map(([name, node]) =>
    normalizeOperator(name, node),
  );
  const sinks = entriesOf(document.sinks ?? {}).map(([name, node]) => normalizeSink(name, node));
  const inputs = [...operators, ...sinks].flatMap((node) => node.inputs);
  return {
    version: 1,
    name: document.name,
    sources: inputs.some(({ node }) => node === SHED_STREAM) ? [...sources, SHED_SOURCE] : sources,
    operators,
    sinks,
    tables: entriesOf(document.tables ?? {}).map(([name, table]) =>
      normalizeTable(name, table, document.engine?.state?.dir),
    ),
    engine: normalizeEngine(document.engine ?? {}),
  };
}

/** Silent while nothing is shed: then nobody waits for it. */
const SHED_IDLE_US = 2_000_000;

const SHED_SOURCE: ShedSource = {
  section: 'sources',
  name: SHED_STREAM,
  schema: SHED_SCHEMA,
  time: { field: 'time', latenessUs: 0, idleAfterUs: SHED_IDLE_US },
  changes: undefined,
  onError: 'stop',
  admission: undefined,
  connector: 'shed',
};

function normalizeMetronome(name: string, node: MetronomeDocument): MetronomeSource {
  const { as = 'at', every, count } = node;
  return {
    section: 'sources',
    name,
    schema: [{ name: as, type: TIMESTAMP }],
    time: { field: as, latenessUs: 0, idleAfterUs: undefined },
    changes: undefined,
    onError: 'stop',
    admission: undefined,
    connector: 'metronome',
    everyUs: durationUs(every, 0),
    count,
  };
}

function normalizeSource(name: string, node: SourceDocument): SourceNode {
  if (node.connector === 'metronome') return normalizeMetronome(name, node);
  const common = {
    section: 'sources',
    name,
    schema: normalizeSchema(node.schema),
    time: normalizeTime(node.time),
    changes: node.changes,
    onError: node.onError ?? 'stop',
    admission: normalizeAdmission(pointer('sources', name, 'admission'), node.admission),
  } as const;
  switch (node.connector) {
    case 'file':
      return {
        ...common,
        connector: 'file',
        path: node.path,
        format: normalizeFormat(node),
        gzip: isGzip(node.path),
      };
    case 'generator':
      return {
        ...common,
        connector: 'generator',
        seed: node.seed ?? 1,
        count: node.count,
        rate: normalizeRate(node.rate),
        fields: keysOf(node.schema).map((column) => {
          const distribution = node.fields[column];
          invariant(distribution !== undefined, `unchecked distribution of '${column}'`);
          return normalizeDistribution(distribution);
        }),
      };
    case 'embedded':
      return { ...common, connector: 'embedded' };
    case 'module':
      return {
        ...common,
        connector: 'module',
        module: node.module,
        export: node.export ?? 'default',
        options: node.options ?? {},
        parallel: node.parallel ?? 1,
      };
  }
}

function normalizeTime(time: RowSourceDocument['time']): EventTime | undefined {
  if (time === undefined) return undefined;
  return {
    field: time.field,
    latenessUs: durationUs(time.lateness, 0),
    idleAfterUs: durationUs(time.idleAfter, undefined),
  };
}

/** A source that says what its rows are. */
type RowSourceDocument = Exclude<SourceDocument, MetronomeDocument>;
type MetronomeDocument = Extract<SourceDocument, { connector: 'metronome' }>;
type GeneratorDocument = Extract<SourceDocument, { connector: 'generator' }>;

function normalizeRate(rate: GeneratorDocument['rate']): Rate | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate === 'number') return { kind: 'constant', rowsPerSecond: rate };
  return {
    kind: 'phases',
    phases: rate.phases.map((phase) => ({
      durationUs: durationUs(phase.for, 0),
      rowsPerSecond: phase.rate,
    })),
    repeat: rate.repeat ?? false,
  };
}

function normalizeSink(name: string, node: SinkDocument): SinkNode {
  const at = pointer('sinks', name);
  const input = { ...parseStreamName(node.input), pointer: at + pointer('input') };
  const common = { section: 'sinks', name, inputs: [input] } as const;
  switch (node.connector) {
    case 'file':
      return {
        ...common,
        connector: 'file',
        path: node.path,
        format: normalizeFormat(node),
        gzip: isGzip(node.path),
        orderBy: (node.orderBy ?? []).map((key, i) => normalizeSortKey(key, `${at}/orderBy/${i}`)),
      };
    case 'stdout':
      return { ...common, connector: 'stdout', format: normalizeFormat(node) };
    case 'embedded':
      return { ...common, connector: 'embedded', keep: normalizeHistory(node.keep) };
    case 'discard':
      return { ...common, connector: 'discard' };
  }
}

function normalizeHistory(keep: HistoryDocument): KeptHistory | undefined {
  if (keep === undefined) return undefined;
  return {
    rows: keep.rows ?? Infinity,
    forUs: durationUs(keep.for, Infinity),
    limitBytes: keep.limit === undefined ? DEFAULT_HISTORY_BYTES : parseSizeBytes(keep.limit)!,
  };
}

const DEFAULT_HISTORY_BYTES = 64 * 1024 * 1024;

type HistoryDocument = Extract<SinkDocument, { readonly connector: 'embedded' }>['keep'];

/** What `drift` is by default: "10s". */
const DEFAULT_DRIFT_US = 10_000_000;

const DEFAULT_STATE_BYTES = 1024 ** 3;
const DEFAULT_SPILL_BYTES = 16 * 1024 ** 3;

function sizeOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseSizeBytes(text)!;
}

function normalizeEngine(engine: EngineDocument): EngineSettings {
  const at = pointer('engine', 'placement', 'pin');
  const heap = engine.ring?.heap;
  return {
    workers: engine.workers,
    pins: entriesOf(engine.placement?.pin ?? {}).map(([node, worker]) => ({
      node,
      worker,
      pointer: at + pointer(node),
    })),
    stateDir: engine.state?.dir,
    stateLimitBytes: sizeOf(engine.state?.limit, DEFAULT_STATE_BYTES),
    spillLimitBytes: sizeOf(engine.state?.spillLimit, DEFAULT_SPILL_BYTES),
    ring: {
      slots: engine.ring?.slots,
      rows: engine.ring?.rows,
      heapBytes: heap === undefined ? undefined : parseSizeBytes(heap),
    },
    driftUs: durationUs(engine.drift, DEFAULT_DRIFT_US),
    int64: engine.int64 ?? 'bigint',
    waitPolicy: engine.waitPolicy ?? 'auto',
  };
}
