/** Operators cut out into parts, at random and parts in parts, are the operators that were there. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTopology, type PartText } from '../../src/core/topology/index.ts';

interface Operator {
  readonly path: string;
  readonly name: string;
  readonly reads: readonly number[];
}

type Json = Record<string, unknown>;

/** Where operators stand: in the topology, in parts, in parts of parts. */
const PATHS = ['', 'a/', 'a/b/', 'a/b/c/', 'd/', 'd/b/'];

const operators: fc.Arbitrary<readonly Operator[]> = fc
  .array(
    fc.record({
      path: fc.constantFrom(...PATHS),
      reads: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) =>
    // An operator reads operators before it, or the source where it names itself.
    list.map(({ path, reads }, i) => ({
      path,
      name: `o${i}`,
      reads: reads.map((r) => r % (i + 1)),
    })),
  );

/** The stream that operator `i` reads as its input `k`: an index, or -1 for the source. */
const streamOf = (list: readonly Operator[], i: number, k: number): number =>
  list[i]!.reads[k] === i ? -1 : list[i]!.reads[k]!;

function document(nodes: Json): Json {
  return {
    version: 1,
    name: 'parts',
    sources: { in: { connector: 'embedded', schema: { n: 'int32' } } },
    operators: nodes,
  };
}

/** All operators in one document, with their paths in their names. */
function inline(list: readonly Operator[]): Json {
  const nameOf = (stream: number): string =>
    stream < 0 ? 'in' : list[stream]!.path + list[stream]!.name;
  return document(
    Object.fromEntries(
      list.map((node, i) => [
        nameOf(i),
        { type: 'union', inputs: node.reads.map((_, k) => nameOf(streamOf(list, i, k))) },
      ]),
    ),
  );
}

/** The same with a part for each path: it takes in all streams made outside, and gives all its own. */
function cut(list: readonly Operator[], files: Map<string, string>): Json {
  const scope = (path: string): Json => {
    // What a stream is called here: streams made elsewhere come in by the name of their number.
    const nameOf = (stream: number): string => {
      const made = stream < 0 ? undefined : list[stream]!;
      if (made?.path === path) return made.name;
      if (made?.path.startsWith(path) !== true) return path === '' ? 'in' : `from_${stream}`;
      return `${made.path.slice(path.length).split('/')[0]}.s${stream}`;
    };
    const nodes: Json = {};
    for (const [i, node] of list.entries()) {
      if (node.path === path) {
        const inputs = node.reads.map((_, k) => nameOf(streamOf(list, i, k)));
        nodes[node.name] = { type: 'union', inputs };
        continue;
      }
      const step = node.path.startsWith(path) ? node.path.slice(path.length).split('/')[0]! : '';
      if (step === '' || step in nodes) continue;
      const inner = `${path}${step}/`;
      const outside = [-1, ...list.keys()].filter(
        (stream) => stream < 0 || !list[stream]!.path.startsWith(inner),
      );
      const handed = outside.map((stream) => [`from_${stream}`, nameOf(stream)]);
      const file = `${inner.replaceAll('/', '-')}.json`;
      nodes[step] = { type: 'include', file, inputs: Object.fromEntries(handed) };
      const own = [...list.keys()].filter((stream) => list[stream]!.path.startsWith(inner));
      const innerName = (stream: number): string => {
        const rest = list[stream]!.path.slice(inner.length).split('/')[0]!;
        return rest === '' ? list[stream]!.name : `${rest}.s${stream}`;
      };
      const part = {
        version: 1,
        name: inner,
        inputs: Object.fromEntries(handed.map(([name]) => [name, {}])),
        outputs: Object.fromEntries(own.map((stream) => [`s${stream}`, innerName(stream)])),
        operators: scope(inner),
      };
      files.set(file, JSON.stringify(part));
    }
    return nodes;
  };
  return document(scope(''));
}

test('a topology of parts is the topology of their operators', () => {
  fc.assert(
    fc.property(operators, (list) => {
      const files = new Map<string, string>();
      const parts = cut(list, files);
      const readPart = (file: string): PartText => {
        const text = files.get(file);
        return text === undefined
          ? { ok: false, problem: 'no such file' }
          : { ok: true, text, identity: file };
      };
      const { included, ...found } = parseTopology(parts, { env: {}, readPart }).topology;
      const expected = parseTopology(inline(list), { env: {} }).topology;
      const byName = <Node extends { name: string }>(nodes: readonly Node[]): Node[] =>
        nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect({ ...found, operators: byName(found.operators) }).toEqual({
        ...expected,
        operators: byName(expected.operators),
      });
      expect(included === undefined).toBe(files.size === 0);
    }),
    { numRuns: 150 },
  );
});
