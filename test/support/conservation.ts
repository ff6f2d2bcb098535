/** The promise that every tuple is accounted for, checked on a finished run. @module */

import { expect } from 'vitest';
import type { RunSummary } from '../../src/index.ts';

interface Node {
  readonly input?: string;
  readonly inputs?: readonly string[];
  readonly type?: string;
  readonly connector?: string;
  readonly parallel?: number;
  readonly by?: unknown;
}

interface Document {
  readonly sources: Readonly<Record<string, unknown>>;
  readonly operators?: Readonly<Record<string, Node>>;
  readonly sinks?: Readonly<Record<string, Node>>;
}

/**
 * Checks that the counts of a completed run add up exactly: what sources admitted is what their
 * readers got, what operators handed on is what came in behind them.
 */
export function expectConservation(document: object, summary: RunSummary): void {
  const { operators: written = {}, sinks = {} } = document as Document;
  // Includes are not there when it runs; the operators in their place are not in the document.
  const operators = Object.fromEntries(
    Object.entries(written)
      .filter(([, node]) => node.type !== 'include')
      .flatMap(([name, node]) => stepsOf(name, node)),
  );
  for (const [name, counts] of Object.entries(summary.sources)) {
    const { offered, admitted, shed, rejected, expired, spilled } = counts;
    expect(admitted + shed + rejected + expired + spilled, `source ${name}`).toBe(offered);
  }
  const rowsOf = (stream: string): number | undefined =>
    summary.sources[stream]?.admitted ??
    (isSingleOutput(operators[stream]) ? summary.operators[stream]?.rowsOut : undefined);
  for (const [name, node] of [...Object.entries(operators), ...Object.entries(sinks)]) {
    const streams = node.inputs ?? (node.input === undefined ? [] : [node.input]);
    const offered = streams.map(rowsOf);
    if (offered.includes(undefined)) continue;
    const expected = copiesFor(node) * offered.reduce<number>((sum, rows) => sum + rows!, 0);
    const got = summary.operators[name]?.rowsIn ?? summary.sinks[name]?.rows;
    expect(got, `rows into ${name}`).toBe(expected);
  }
  for (const [name, node] of Object.entries(operators)) {
    const counts = summary.operators[name]!;
    if (node.type === 'map' || node.type === 'union') {
      expect(counts.rowsOut + counts.errors, `rows of ${name}`).toBe(counts.rowsIn);
    }
    if (node.type === 'filter') expect(counts.rowsOut, name).toBeLessThanOrEqual(counts.rowsIn);
  }
}

/** A join of more than two streams is one of two after the other. */
function stepsOf(name: string, node: Node): readonly (readonly [string, Node])[] {
  const { type, inputs = [] } = node;
  if (type !== 'join' || inputs.length <= 2) return [[name, node]];
  const nameOf = (step: number): string => (step === inputs.length - 1 ? name : `${name}/${step}`);
  return inputs.slice(1).map((input, i) => {
    const before = i === 0 ? inputs[0]! : nameOf(i);
    return [nameOf(i + 1), { ...node, inputs: [before, input] }] as const;
  });
}

/** How many instances of a node get each row. */
function copiesFor({ by, parallel = 1 }: Node): number {
  const isForAll = typeof by === 'object' && by !== null && 'dispatch' in by;
  return isForAll && by.dispatch === 'broadcast' ? parallel : 1;
}

const SEVERAL: ReadonlySet<string | undefined> = new Set(['gather', 'lock', 'sunion']);

/** Nodes with several outputs, such as filters with routes, count them together. */
function isSingleOutput(
  node: (Node & { routes?: unknown; unmatched?: unknown; do?: unknown }) | undefined,
): boolean {
  if (node === undefined || SEVERAL.has(node.type)) return false;
  if (node.routes !== undefined || node.unmatched === 'port') return false;
  return node.type !== 'query' || node.do === undefined || node.do === 'read';
}
