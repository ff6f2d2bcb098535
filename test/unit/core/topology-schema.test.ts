import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { partJsonSchema, topologyJsonSchema } from '../../../src/core/topology/index.ts';
import { documentSchema } from '../../../src/core/topology/document/document.ts';
import { parseJsonText } from '../../../src/core/topology/json-text.ts';
import { AD_CTR } from './topology-example.ts';

const schema = topologyJsonSchema();

test('topology.schema.json is up to date (node scripts/write-schema.ts)', () => {
  const file = new URL('../../../topology.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test('part.schema.json is up to date (node scripts/write-schema.ts)', () => {
  const file = new URL('../../../part.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(partJsonSchema())),
  );
});

test('the example has the right shape', () => {
  const parsed = parseJsonText(AD_CTR);
  expect(documentSchema.safeParse(parsed.ok ? parsed.value : undefined).error).toBeUndefined();
});

test('checking changes nothing: the schema neither fills in nor converts', () => {
  const parsed = parseJsonText(AD_CTR);
  const value = parsed.ok ? parsed.value : undefined;
  expect(documentSchema.parse(value)).toEqual(value);
});

type Node = { readonly [key: string]: unknown };

/** All places where the schema says what properties an object has. */
function objectsOf(node: unknown, at: string): (readonly [string, Node])[] {
  if (typeof node !== 'object' || node === null) return [];
  const members = Object.entries(node as Node);
  const below = members.flatMap(([key, member]) => objectsOf(member, `${at}/${key}`));
  return Object.hasOwn(node, 'properties') ? [[at, node as Node], ...below] : below;
}

test('every property of every object is described, and no object is open', () => {
  const objects = [...objectsOf(schema, ''), ...objectsOf(partJsonSchema(), '')];
  expect(objects.length).toBeGreaterThan(25);
  for (const [at, object] of objects) {
    expect(object['additionalProperties'], at).toBe(false);
    for (const [name, property] of Object.entries(object['properties'] as Node)) {
      expect(property, `${at}/${name}`).toHaveProperty('description');
    }
  }
});
