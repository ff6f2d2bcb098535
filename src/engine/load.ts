/** From what the caller has – a path or a document – to a checked topology. @module */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError, type TopologyIssue } from '../core/errors.ts';
import {
  IssueList,
  originsOf,
  type Override,
  parseTopology,
  parseTopologyText,
  type Topology,
  topologyError,
} from '../core/topology/index.ts';
import type { JsonValue } from '../core/topology/model.ts';
import { originsInText, type TellInText, translateStreamSql } from '../streamsql/index.ts';
import { availableCores } from './cpus.ts';
import { type Foresight, foreseeThreads } from './foresight.ts';
import { type LogicalPlan, planLogically } from './plan/logical-plan.ts';
import { partReader } from './part-reader.ts';
import { planPhysically } from './plan/physical-plan.ts';
import { checkFiles, checkPins } from './preflight.ts';
import type { PhysicalPlan } from '../workers/protocol.ts';

/** How a topology is read. */
export interface LoadOptions {
  /** Threads; the topology's own `engine.workers`, else one less than there are cores. */
  readonly workers?: number | undefined;
  /** What relative paths are relative to; the topology file's folder, else the working directory. */
  readonly baseDirectory?: string | undefined;
  /** Variables for `${NAME}`; the process's by default. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Changes to the document, as of `--set`. */
  readonly overrides?: readonly Override[] | undefined;
}

/** A topology whose shape is right. */
export interface ReadTopology {
  readonly topology: Topology;
  /** What it was made of: variables and includes are replaced. */
  readonly document: JsonValue;
  readonly warnings: readonly TopologyIssue[];
  readonly workers: number;
  readonly baseDirectory: string;
  /** Of a program in StreamSQL: puts problems of the document to its lines. */
  readonly origin?: TellInText | undefined;
}

/** A topology that has passed all checks but those of files. */
export interface LoadedTopology extends ReadTopology {
  readonly logical: LogicalPlan;
}

/**
 * Reads and checks a topology, expressions included. Looks at no other files than those of includes.
 *
 * @param source - path of a topology file, or a document
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` with every problem; `ERR_FILE` when the file cannot
 * be read
 */
export function loadTopology(source: string | object, options: LoadOptions = {}): LoadedTopology {
  return resolveTopology(readTopology(source, options));
}

/** The second half of {@link loadTopology}: gives every stream its columns. */
export function resolveTopology(read: ReadTopology): LoadedTopology {
  return { ...read, logical: atOrigin(read.origin, () => planLogically(read.topology)) };
}

/**
 * The first half of {@link loadTopology}: all that can be checked without resolving expressions.
 *
 * @param onForesight - is told what threads the topology will want, before it is checked
 */
export function readTopology(
  source: string | object,
  options: LoadOptions = {},
  onForesight: (foresight: Foresight) => void = () => undefined,
): ReadTopology {
  const byDefault = Math.max(1, availableCores() - 1);
  const home = typeof source === 'string' ? path.dirname(path.resolve(source)) : process.cwd();
  const baseDirectory = path.resolve(options.baseDirectory ?? home);
  let taken: JsonValue = null;
  const parseOptions = {
    readPart: partReader(baseDirectory),
    env: options.env ?? process.env,
    overrides: options.overrides ?? [],
    onDocument: (document: JsonValue): void => {
      taken = document;
      const foresight = foreseeThreads(document, options.workers, byDefault);
      if (foresight !== undefined) onForesight(foresight);
    },
  };
  const program = programOf(source);
  const { topology, warnings } = atOrigin(program?.origin, () => {
    if (program !== undefined) return parseTopology(program.document, parseOptions);
    return typeof source === 'string'
      ? parseTopologyText(readText(source), source, parseOptions)
      : parseTopology(source, parseOptions);
  });
  const workers = options.workers ?? topology.engine.workers ?? byDefault;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new MillraceError(
      'ERR_USAGE',
      `expected a number of workers from 1 up, found ${workers}`,
    );
  }
  const origin = program?.origin;
  const told = origin === undefined ? warnings : origin(warnings);
  return { topology, document: taken, warnings: told, workers, baseDirectory, origin };
}

/** The document of a program in StreamSQL, by the ending of its name. */
function programOf(
  source: string | object,
): { readonly document: object; readonly origin: TellInText } | undefined {
  if (typeof source !== 'string' || !/\.ssql$/i.test(source)) return undefined;
  const { document, places } = translateStreamSql(readText(source), { file: source });
  return { document, origin: originsInText(source, places) };
}

/** Does a step; problems that it ends with are told where they come from. */
function atOrigin<Result>(origin: TellInText | undefined, step: () => Result): Result {
  if (origin === undefined) return step();
  try {
    return step();
  } catch (error) {
    if (!(error instanceof MillraceError) || error.issues.length === 0) throw error;
    throw topologyError(origin(error.issues));
  }
}

/**
 * Compiles a loaded topology for its number of workers.
 *
 * @param checks - `files` looks at the files it names as well
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` for pins to workers that are not there, and for files
 */
export function compileTopology(
  loaded: LoadedTopology,
  checks: { readonly files: boolean },
): PhysicalPlan {
  const issues = new IssueList(originsOf(loaded.topology.included?.places ?? []));
  checkPins(loaded.topology, loaded.workers, issues);
  if (checks.files) checkFiles(loaded.topology, loaded.baseDirectory, issues);
  atOrigin(loaded.origin, () => issues.throwIfAny(`topology '${loaded.topology.name}'`));
  return planPhysically(loaded.logical, loaded.workers);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : String(error);
    throw new MillraceError('ERR_FILE', `cannot read topology ${file}: ${reason}`, {
      cause: error,
    });
  }
}
