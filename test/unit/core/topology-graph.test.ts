import { describe, expect, test } from 'vitest';
import {
  checkTopology,
  dataFlowOrder,
  nodesOf,
  parseStreamName,
  parseTopology,
  readersOf,
  streamName,
} from '../../../src/core/topology/index.ts';
import { operatorPorts } from '../../../src/core/topology/operators/index.ts';
import { documentOf } from './topology-example.ts';

const options = { env: {} };

const operators = {
  third: { type: 'map', input: 'split.rest', select: { '*': true } },
  second: {
    type: 'aggregate',
    input: 'split.big',
    onError: 'deadLetter',
    window: { type: 'tumbling', size: '1s' },
    select: { n: 'COUNT(*)' },
  },
  split: { type: 'filter', input: 'in', routes: { big: 'a > 1', rest: true } },
};
const sinks = {
  late: { connector: 'discard', input: 'second.late' },
  bad: { connector: 'discard', input: 'second.errors' },
  out: { connector: 'discard', input: 'third' },
};

describe('ports', () => {
  const { topology, warnings } = parseTopology(documentOf({ operators, sinks }), options);

  test('are the main output or the routes, late rows, rows in error', () => {
    const ports = Object.values(operators).map((node) => operatorPorts(node));
    expect(ports).toEqual([[''], ['', 'late', 'errors'], ['big', 'rest']]);
  });

  test('that nobody reads are warned of, except late rows', () => {
    expect(warnings).toEqual([
      {
        pointer: '/operators/second',
        message: "nobody reads 'second': its rows are counted and dropped",
      },
    ]);
  });

  test('have readers', () => {
    const readers = readersOf(topology, { node: 'second', port: 'late' });
    expect(readers.map((node) => node.name)).toEqual(['late']);
    expect(readersOf(topology, { node: 'second', port: '' })).toEqual([]);
  });

  test('have names that read back', () => {
    for (const stream of [
      { node: 'a', port: '' },
      { node: 'a', port: 'late' },
    ]) {
      expect(parseStreamName(streamName(stream))).toEqual(stream);
    }
  });

  test('data flow order puts each operator after what it reads', () => {
    expect(dataFlowOrder(topology).map((node) => node.name)).toEqual(['split', 'third', 'second']);
    expect(nodesOf(topology)).toHaveLength(7);
  });
});

const map = (input: string): object => ({ type: 'map', input, select: { '*': true } });

describe('the graph', () => {
  test.each([
    ['a cycle of one', { a: map('a') }, ['/operators/a/input: the streams go round: a → a']],
    [
      'a cycle behind nodes that are not in it',
      { x: map('c'), a: map('c'), b: map('a'), c: { type: 'union', inputs: ['in', 'b'] } },
      ['/operators/a/input: the streams go round: a → b → c → a'],
    ],
    [
      'a cycle through a route',
      { a: { type: 'filter', input: 'b', routes: { x: 'a > 1', y: true } }, b: map('a.x') },
      ['/operators/a/input: the streams go round: a → b → a'],
    ],
    [
      'a mistyped stream, for which the reader itself is no candidate',
      { near: map('nearr') },
      ["/operators/near/input: unknown stream 'nearr'; expected in"],
    ],
    [
      'a diamond is none',
      { a: map('in'), b: map('in'), c: { type: 'union', inputs: ['a', 'b'] } },
      [],
    ],
  ])('%s', (_, nodes, expected) => {
    const { issues } = checkTopology(documentOf({ operators: nodes }), options);
    expect(issues.map((issue) => `${issue.pointer}: ${issue.message}`)).toEqual(expected);
  });

  test('a broken node hides neither unknown streams nor cycles behind it', () => {
    const { issues } = checkTopology(
      documentOf({
        operators: { a: { type: 'odd', input: 'b' }, b: map('a.any'), c: map('nowhere') },
      }),
      options,
    );
    expect(issues.map((issue) => issue.pointer)).toEqual([
      '/operators/a/type',
      '/operators/a/input',
      '/operators/c/input',
    ]);
  });

  test('of ten thousand operators is checked in time', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`n${i}`, map(i === 9_999 ? 'in' : `n${i + 1}`)]),
    );
    const { topology } = parseTopology(documentOf({ operators: chain }), options);
    const order = dataFlowOrder(topology).map((node) => node.name);
    expect(order).toEqual(Object.keys(chain).toReversed());
  });
});
