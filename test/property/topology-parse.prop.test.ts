/** Promises of the topology's parser for random documents, right and wrong. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyOverrides,
  checkTopology,
  checkTopologyText,
  pointer,
} from '../../src/core/topology/index.ts';
import { pointerSteps } from '../../src/core/topology/issues.ts';
import { parseJsonText } from '../../src/core/topology/json-text.ts';
import { AD_CTR } from '../unit/core/topology-example.ts';

const options = { env: {} };
const parsed = parseJsonText(AD_CTR);
const example: unknown = parsed.ok ? parsed.value : undefined;

/** Every place of the example. */
function placesOf(value: unknown, steps: readonly string[]): string[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const below = members.flatMap(([key, member]) => placesOf(member, [...steps, key]));
  return [pointer(...steps), ...below];
}

const places = placesOf(example, []);

/** Words a document is made of, so that random values are near to right ones. */
const word = fc.constantFrom(
  'filter',
  'map',
  'union',
  'join',
  'aggregate',
  'file',
  'generator',
  'embedded',
  'csv',
  'type',
  'input',
  'inputs',
  'routes',
  'where',
  'select',
  'window',
  'tumbling',
  '10s',
  'impressions',
  'valid',
  'per_ad',
  'out',
  'valid.errors',
  'per_ad.late',
  'deadLetter',
  'int32',
  'a.b',
  '',
  '*',
  '__proto__',
  'toString',
  'constructor',
  '0',
  '${X}',
  '${X:-y}',
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5),
    word,
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(word, fc.string()), tie('value'), { maxKeys: 4 }),
  ),
}));

test('a document with anything anywhere is checked without a crash', () => {
  const change = fc.record({ place: fc.constantFrom(...places), value: anything });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let document = example;
      for (const { place, value } of changes) {
        try {
          document = applyOverrides(document, [
            { pointer: place, valueText: JSON.stringify(value) },
          ]);
        } catch {
          // An earlier change took the place away.
        }
      }
      const { topology, issues, warnings } = checkTopology(document, options);
      expect(topology === undefined).toBe(issues.length > 0);
      for (const issue of [...issues, ...warnings]) {
        expect(pointerSteps(issue.pointer)).toBeDefined();
        expect(issue.message).not.toMatch(/undefined|\[object|\{"kind"/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any value at all is checked without a crash', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      expect(checkTopology(value, options).issues).not.toEqual([]);
    }),
  );
});

test('any text at all is checked without a crash', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(checkTopologyText(text, 'x', options).topology).toBeUndefined();
    }),
  );
});

test('every place of a right document matters: taking it away or mistyping a key is noticed', () => {
  const optional =
    /\/(\$schema|operators|sinks|engine|admission|time|orderBy|format|window|groupBy|lateness)(\/|$)|\/select\//;
  for (const place of places.filter((p) => p !== '' && !optional.test(p))) {
    const { issues } = checkTopology(
      applyOverrides(example, [{ pointer: place, valueText: '[[]]' }]),
      options,
    );
    expect(issues.length, place).toBeGreaterThan(0);
  }
});

test('a document and its JSON text give the same topology', () => {
  const fromText = checkTopologyText(AD_CTR, 'x', options).topology;
  const again = checkTopology(JSON.parse(JSON.stringify(example)), options).topology;
  expect(again).toEqual(fromText);
});
