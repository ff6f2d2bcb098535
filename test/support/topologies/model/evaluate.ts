/** What a topology gives, computed slowly and obviously: every stream at once, one node after the other. @module */

import type { Schema } from '../../../../src/core/schema.ts';
import type { Value } from '../../../../src/expr/index.ts';
import { type AggregateDocument, modelAggregates } from './aggregate.ts';
import { type JoinDocument, modelJoin } from './join.ts';
import {
  type DedupDocument,
  type LookupDocument,
  modelDedup,
  modelFilter,
  modelLookup,
  modelMap,
  modelPivot,
  modelRoutes,
  modelSequence,
  type ModelTable,
  modelUnion,
  modelUnnest,
  type UnnestDocument,
} from './rows.ts';
import { columnAt, type ModelRow, type ModelStream, Unmodelled } from './stream.ts';
import { modelTop, type TopDocument } from './top.ts';

/** An operator as a document has it. */
export interface OperatorDocument {
  readonly type: string;
  readonly input?: string;
  readonly inputs?: readonly string[];
  readonly [property: string]: unknown;
}

/** Streams by the names that nodes read them by. */
export type Streams = Map<string, ModelStream>;

/** The stream of a source: lateness is judged row by row, by the largest time so far. */
export function modelSource(
  schema: Schema,
  rows: readonly (readonly Value[])[],
  time: { readonly field: string; readonly latenessUs: number } | undefined,
): ModelStream {
  const at = time === undefined ? -1 : columnAt(schema, time.field);
  let largestUs = -Infinity;
  const judged = rows.map((values): ModelRow => {
    if (time === undefined) return { values, timeUs: 0, sourceUs: -Infinity };
    const timeUs = Number(values[at]);
    const watermarkUs = largestUs - time.latenessUs;
    largestUs = Math.max(largestUs, timeUs);
    return { values, timeUs, sourceUs: timeUs < watermarkUs ? watermarkUs : -Infinity };
  });
  return { schema, hasTime: time !== undefined, isOrdered: true, isChanging: false, rows: judged };
}

/**
 * Adds the outputs of an operator to the streams.
 *
 * @throws Unmodelled where no result is promised, or the model does not have it
 */
export function modelOperator(
  name: string,
  operator: OperatorDocument,
  streams: Streams,
  tables: ReadonlyMap<string, ModelTable>,
): void {
  const inputs = (operator.inputs ?? [operator.input!]).map((input) => {
    const stream = streams.get(input);
    if (stream === undefined) throw new Unmodelled(`no stream ${input}`);
    return stream;
  });
  if (!TAKES_CHANGES.has(operator.type) && inputs.some(({ isChanging }) => isChanging)) {
    throw new Unmodelled('a stream of changes');
  }
  const outputs = outputsOf(operator, inputs, tables);
  for (const [port, stream] of Object.entries(outputs)) {
    streams.set(port === '' ? name : `${name}.${port}`, stream);
  }
}

const TAKES_CHANGES: ReadonlySet<string> = new Set(['filter', 'map', 'aggregate']);

function outputsOf(
  operator: OperatorDocument,
  inputs: readonly ModelStream[],
  tables: ReadonlyMap<string, ModelTable>,
): Record<string, ModelStream> {
  const input = inputs[0]!;
  const as = <T>(): T => operator as unknown as T;
  switch (operator.type) {
    case 'filter':
      return operator['routes'] === undefined
        ? { '': modelFilter(input, operator['where'] as string) }
        : modelRoutes(input, operator['routes'] as Record<string, string | true>);
    case 'map':
      return { '': modelMap(input, operator['select'] as Record<string, string | true>) };
    case 'union':
      return { '': modelUnion(inputs) };
    case 'aggregate': {
      const { results, late } = modelAggregates(input, as<AggregateDocument>());
      return hasLate(operator) ? { '': results, late } : { '': results };
    }
    case 'top': {
      const { results, late } = modelTop(input, as<TopDocument>());
      return hasLate(operator) ? { '': results, late } : { '': results };
    }
    case 'join':
      return { '': modelJoin(inputs[0]!, inputs[1]!, as<JoinDocument>()) };
    case 'dedup':
      return { '': modelDedup(input, as<DedupDocument>()) };
    case 'unnest':
      return { '': modelUnnest(input, as<UnnestDocument>()) };
    case 'pivot':
      return { '': modelPivot(input, as<Parameters<typeof modelPivot>[1]>()) };
    case 'lookup': {
      const { path } = operator['table'] as { path: string };
      return { '': modelLookup(input, as<LookupDocument>(), tables.get(path)!) };
    }
    case 'sequence':
      return { '': modelSequence(input, as<Parameters<typeof modelSequence>[1]>()) };
    default:
      return sorted(operator, inputs);
  }
}

/** Whether rows may be too late for all windows. */
const hasLate = ({ window }: OperatorDocument): boolean =>
  window !== undefined && (window as { type: string }).type !== 'count';

/** Operators that change nothing but the order of rows. */
function sorted(
  operator: OperatorDocument,
  inputs: readonly ModelStream[],
): Record<string, ModelStream> {
  const input = inputs[0]!;
  switch (operator.type) {
    case 'merge':
      return { '': { ...modelUnion(inputs), isOrdered: false } };
    case 'bsort':
      return { '': { ...input, isOrdered: false } };
    case 'wsort': {
      const isLate = ({ sourceUs }: ModelRow): boolean => sourceUs > -Infinity;
      const rows = input.rows.filter((row) => !isLate(row));
      return {
        '': { ...input, isOrdered: false, rows },
        late: { ...input, isOrdered: false, rows: input.rows.filter(isLate) },
      };
    }
    case 'split':
      return Object.fromEntries((operator['outputs'] as string[]).map((name) => [name, input]));
    default:
      throw new Unmodelled(`no operator ${operator.type}`);
  }
}
