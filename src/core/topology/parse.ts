/**
 * From a document to a topology, or to the list of all that is wrong with it.
 *
 * The steps: read the text (`json-text.ts`), make the changes asked for (`overrides.ts`), replace
 * variables (`substitute.ts`), put parts in the place of includes (`parts/expand.ts`), check the shape (`shape.ts`), single nodes (`node-checks.ts`) and
 * the graph (`graph-checks.ts`), and, if nothing is wrong, bring it into normal form
 * (`normalize.ts`). A step works with what the one before could make of the document, so that a
 * mistake hides as few others as can be.
 *
 * @module
 */

import type { TopologyIssue } from '../errors.ts';
import type { TopologyDocument } from './document/document.ts';
import type { SinkDocument } from './document/sinks.ts';
import type { SourceDocument } from './document/sources.ts';
import { checkPins, checkTargets } from './cross-checks.ts';
import { checkGraph } from './graph-checks.ts';
import { graphNodes } from './graph-nodes.ts';
import {
  escapeStep,
  formatIssue,
  IssueList,
  pointer,
  pointerSteps,
  topologyError,
} from './issues.ts';
import { parseJsonText } from './json-text.ts';
import { entriesOf } from './key-order.ts';
import type { IncludedParts, JsonValue, Section, Topology } from './model.ts';
import { checkSink, checkSource } from './node-checks.ts';
import { checkOperator, type OperatorDocument } from './operators/index.ts';
import { checkTable } from './table-checks.ts';
import { type Loose, NodeReport, type Report } from './node-report.ts';
import { normalizeTopology } from './normalize.ts';
import { type Override, overrideDocument } from './overrides.ts';
import { expandParts } from './parts/expand.ts';
import { originsOf } from './parts/origins.ts';
import type { ReadPart } from './parts/read-part.ts';
import { byPlace, isObject, valueAt } from './place.ts';
import { checkShedStream } from './shed-stream-check.ts';
import { type Shape, checkShape } from './shape.ts';
import { type Environment, takeDocument } from './substitute.ts';

/** What a document is read with. */
export interface ParseOptions {
  /** Variables for `${NAME}`; usually `process.env`. */
  readonly env: Environment;
  /** Changes to make first. */
  readonly overrides?: readonly Override[];
  /** Gets the document, changes made and variables and includes replaced, before it is checked. */
  readonly onDocument?: (document: JsonValue) => void;
  /** Reads the files of includes; without it there can be none. */
  readonly readPart?: ReadPart;
}

/** A topology, and what is odd but not wrong about it. */
export interface ParsedTopology {
  readonly topology: Topology;
  readonly warnings: readonly TopologyIssue[];
}

/** What a check found: a topology if there are no issues. */
export interface CheckedTopology {
  readonly topology: Topology | undefined;
  /** Every problem, in the order of the document. */
  readonly issues: readonly TopologyIssue[];
  /** In the order of the document; none while there are issues, which would cause most of them. */
  readonly warnings: readonly TopologyIssue[];
}

/**
 * The topology of a document given as a value.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` whose `issues` list every problem
 */
export function parseTopology(value: unknown, options: ParseOptions): ParsedTopology {
  return orThrow(checkTopology(value, options), 'topology');
}

/**
 * The topology of a document given as text: JSON, in which comments are allowed.
 *
 * @param file - the name to call the text by in the error
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` whose `issues` list every problem; if the text is
 *   no JSON, that is the only one, and its message begins with `FILE:LINE:COLUMN`
 */
export function parseTopologyText(
  text: string,
  file: string,
  options: ParseOptions,
): ParsedTopology {
  return orThrow(checkTopologyText(text, file, options), file);
}

function orThrow({ topology, issues, warnings }: CheckedTopology, subject: string): ParsedTopology {
  if (topology === undefined) throw topologyError(issues, subject);
  return { topology, warnings };
}

/** As {@link parseTopologyText}, but returns the problems. */
export function checkTopologyText(
  text: string,
  file: string,
  options: ParseOptions,
): CheckedTopology {
  const parsed = parseJsonText(text);
  if (!parsed.ok) {
    const message = `${file}:${parsed.line}:${parsed.column}: ${parsed.message}`;
    return { topology: undefined, issues: [{ pointer: '', message }], warnings: [] };
  }
  return check(parsed.value, parsed.issues, options);
}

/** As {@link parseTopology}, but returns the problems. */
export function checkTopology(value: unknown, options: ParseOptions): CheckedTopology {
  return check(value, [], options);
}

function check(
  value: unknown,
  known: readonly TopologyIssue[],
  options: ParseOptions,
): CheckedTopology {
  const issues = new IssueList();
  issues.addAll(known);
  const changed = overrideDocument(value, options.overrides ?? [], issues);
  const written = takeDocument(changed, options.env, issues);
  const { readPart = refuseParts } = options;
  const { document, included, refused } = expandParts(written, { ...options, readPart }, issues);
  if (issues.issues.length === 0) options.onDocument?.(document);
  const untaken = new Set(issues.issues.map((issue) => issue.pointer));
  const shape = checkShape(document);
  const found = checkMeaning(shape);
  const isInPart = partsOf(included);
  const later = [
    // The shape of a part has been checked with the part.
    ...shape.issues.filter((issue) => !isInPart(issue.pointer)),
    ...atOrigin(found.issues, shape),
  ].filter(
    // What could not be taken over is not worth a second complaint about what is there instead.
    (issue) => !untaken.has(issue.pointer) && !refused.has(issue.pointer),
  );

  const origin = originsOf(included?.places ?? []);
  const inOrder = (list: readonly TopologyIssue[]): readonly TopologyIssue[] =>
    list.length === 0 ? list : byPlace(eachOnce(list.map(origin)), placesOf(written));
  const problems = inOrder([...issues.issues, ...later]);
  if (problems.length > 0) return { topology: undefined, issues: problems, warnings: [] };
  const normal = normalizeTopology(shape.document as unknown as TopologyDocument);
  const topology = included === undefined ? normal : { ...normal, included };
  return { topology, issues: [], warnings: inOrder(found.warnings.issues) };
}

const refuseParts: ReadPart = () => ({ ok: false, problem: 'no files can be read here' });

/** Whether a pointer lies in an operator of a part. */
function partsOf(included: IncludedParts | undefined): (at: string) => boolean {
  const operators = new Set(included?.places.map((place) => place.at));
  return (at) => {
    const [section = '', name = ''] = pointerSteps(at) ?? [];
    return operators.has(pointer(section, name));
  };
}

/** What several uses of a stream show is one problem. */
function eachOnce(issues: readonly TopologyIssue[]): readonly TopologyIssue[] {
  const byText = new Map(issues.map((issue) => [formatIssue(issue), issue]));
  return [...byText.values()];
}

/** Everything beyond shape. Parts of the wrong shape are passed over. */
function checkMeaning(shape: Shape): Report {
  const found = { issues: new IssueList(), warnings: new IssueList() };
  const sources = valueAt(shape.document, ['sources']);
  if (isObject(sources) && Object.keys(sources).length === 0) {
    found.issues.add('/sources', 'expected at least one source');
  }
  for (const [node, to] of nodesWith<SourceDocument>(shape, found, 'sources', 'connector')) {
    checkSource(node, to);
  }
  for (const [node, to] of nodesWith<OperatorDocument>(shape, found, 'operators', 'type')) {
    checkOperator(node, hasStateDir(shape), to);
  }
  for (const [node, to] of nodesWith<SinkDocument>(shape, found, 'sinks', 'connector')) {
    checkSink(node, to);
  }
  checkTables(shape, found);
  const sinks = valueAt(shape.document, ['sinks']);
  if (isObject(sinks)) checkTargets(sinks, found.issues);

  const nodes = graphNodes(shape.document, shape.isSound);
  checkGraph(nodes, found);
  checkShedStream(sources, nodes, found);
  const pins = valueAt(shape.document, ['engine', 'placement', 'pin']);
  const names = nodes.map((node) => node.name);
  if (isObject(pins)) checkPins(pins, names, found.issues);
  return found;
}

/** Whether it says where state is kept. */
function hasStateDir({ document }: Shape): boolean {
  return typeof valueAt(document, ['engine', 'state', 'dir']) === 'string';
}

function checkTables(shape: Shape, found: Report): void {
  const tables = valueAt(shape.document, ['tables']);
  if (!isObject(tables)) return;
  for (const [name, table] of entriesOf(tables)) {
    const to = new NodeReport(pointer('tables', name), shape, found);
    if (isObject(table)) checkTable(table, hasStateDir(shape), to);
  }
}

/** The nodes of a section of which it is known what they are, each with a report of its own. */
function nodesWith<Node>(
  shape: Shape,
  report: Report,
  section: Section,
  tag: string,
): (readonly [Loose<Node>, NodeReport])[] {
  const nodes = valueAt(shape.document, [section]);
  if (!isObject(nodes)) return [];
  return entriesOf(nodes).flatMap(([name, node]) => {
    const to = new NodeReport(pointer(section, name), shape, report);
    const isKnown = isObject(node) && Object.hasOwn(node, tag) && to.isSound(tag);
    return isKnown ? [[node as unknown as Loose<Node>, to] as const] : [];
  });
}

function atOrigin({ issues }: IssueList, shape: Shape): TopologyIssue[] {
  return issues.map((issue) => ({ ...issue, pointer: shape.origin(issue.pointer) }));
}

/** The rank of each place of a document, top to bottom. */
function placesOf(document: JsonValue): ReadonlyMap<string, number> {
  const order = new Map<string, number>();
  const visit = (value: JsonValue, at: string): void => {
    order.set(at, order.size);
    if (typeof value !== 'object' || value === null) return;
    const members = Array.isArray(value)
      ? (value as readonly JsonValue[]).map((member, i) => [String(i), member] as const)
      : entriesOf(value as { readonly [key: string]: JsonValue });
    for (const [step, member] of members) visit(member, `${at}/${escapeStep(step)}`);
  };
  visit(document, '');
  return order;
}
