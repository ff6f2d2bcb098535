import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { fileSource } from '../../src/connectors/file/source.ts';
import { generatorSource } from '../../src/connectors/generator/source.ts';
import { batchOf, CSV, encode, JSONL, rowsOf, schemaOf } from './codec-support.ts';
import { moduleSource } from '../../src/connectors/module/source.ts';
import { makesFolders } from '../support/folders.ts';
import { describeSource } from './source.ts';

const schema = schemaOf({ t: 'timestamp', id: 'int64', name: 'string', note: 'string' });
const rows = Array.from({ length: 500 }, (_, id) => ({
  t: id * 1000,
  id,
  name: id % 3 === 0 ? null : `name ${id}`,
  note: 'a longer text '.repeat(id % 6),
}));
const directory = makesFolders()();

for (const format of [CSV, JSONL]) {
  for (const gzip of [false, true]) {
    const path = `rows.${format.kind}${gzip ? '.gz' : ''}`;
    const batch = batchOf(schema, rows);
    const text = encode(format, schema, batch);
    writeFileSync(join(directory, path), gzip ? gzipSync(text) : text);
    describeSource(
      `file ${path}`,
      () => ({
        connector: fileSource,
        config: { path, format, gzip },
        schema,
        timeColumn: 0,
        baseDirectory: directory,
      }),
      (found) => expect(found).toEqual(rowsOf(batch, schema)),
    );
  }
}

const fields = [
  { kind: 'time', startUs: 1_767_225_600_000_000, stepUs: 1000, jitterUs: 500 },
  { kind: 'sequence', start: 5, step: 2 },
  { kind: 'null', probability: 0.3, of: { kind: 'choice', values: ['a', 'b'], weights: [1, 9] } },
  { kind: 'template', parts: ['user-', ' of many, and more'], of: [{ kind: 'zipf', n: 99, s: 1 }] },
];

for (const [name, rate] of [
  ['without a rate', undefined],
  ['with a rate', { kind: 'constant', rowsPerSecond: 50_000 }],
  [
    'in bursts',
    {
      kind: 'phases',
      repeat: true,
      phases: [
        { durationUs: 2000, rowsPerSecond: 100_000 },
        { durationUs: 3000, rowsPerSecond: 0 },
      ],
    },
  ],
] as const) {
  describeSource(
    `generator ${name}`,
    () => ({
      connector: generatorSource,
      config: { seed: 7, count: 500, rate, fields },
      schema,
      timeColumn: 0,
    }),
    (found) => {
      expect(found).toHaveLength(500);
      expect(found.map((row) => row['id'])).toEqual(rows.map(({ id }) => BigInt(5 + 2 * id)));
    },
  );
}

const module = `
const text = (id) => 'a longer text '.repeat(id % 6);
const encoder = new TextEncoder();

export function open({ count, pause }, context) {
  let made = 0;
  let waited = false;
  return {
    read(batch) {
      if (pause && made === 100 && !waited) {
        waited = true;
        context.wakeAfter(0.5);
        return 'wait';
      }
      const [t, id, name, note] = batch.columns;
      let row = batch.rowCount;
      for (; row < batch.rowCapacity && made < count; row++) {
        const bytes = encoder.encode(text(made));
        if (!note.setView(row, bytes, 0, bytes.length)) break;
        t.setI64FromNumber(row, made * 1000_000);
        id.i64[row] = BigInt(made);
        if (made % 3 === 0) name.setNull(row);
        else name.setView(row, encoder.encode('name ' + made), 0, 5 + String(made).length);
        made++;
      }
      batch.setRowCount(row);
      return made === count ? 'end' : 'more';
    },
  };
}

/** Rows of 60 at a time, shown from columns that are kept; nothing of them is copied where it can be. */
export function shown({ count }, context) {
  const parts = [];
  for (let first = 0; first < count; first += 60) {
    const columns = context.schema.map((_, c) => context.createColumn(c));
    const [t, id, name, note] = columns;
    const rows = Math.min(60, count - first);
    for (let row = 0; row < rows; row++) {
      const n = first + row;
      const bytes = encoder.encode(text(n));
      t.setI64FromNumber(row, n * 1000_000);
      id.i64[row] = BigInt(n);
      if (n % 3 === 0) name.setNull(row);
      else name.setView(row, encoder.encode('name ' + n), 0, 5 + String(n).length);
      note.setView(row, bytes, 0, bytes.length);
    }
    parts.push({ columns, rows });
  }
  let next = 0;
  return {
    read(batch) {
      const { columns, rows } = parts[next];
      const row = batch.rowCount;
      if (row + rows > batch.rowCapacity) return 'more';
      if (!columns.every((column, c) => batch.show(c, column, rows))) return 'more';
      batch.setRowCount(row + rows);
      return ++next === parts.length ? 'end' : 'more';
    },
  };
}

export function* rows({ count }) {
  for (let id = 0; id < count; id++) {
    yield { t: id * 1000, id, name: id % 3 === 0 ? null : 'name ' + id, note: text(id) };
  }
}
`;
writeFileSync(join(directory, 'source.mjs'), module);

for (const [name, options] of [
  ['open', { count: 500 }],
  ['open', { count: 500, pause: true }],
  ['shown', { count: 500 }],
  ['rows', { count: 500 }],
] as const) {
  describeSource(
    `module ${name} ${JSON.stringify(options)}`,
    () => ({
      connector: moduleSource,
      config: { module: './source.mjs', export: name, options },
      schema,
      timeColumn: 0,
      baseDirectory: directory,
    }),
    (found) => expect(found).toEqual(rowsOf(batchOf(schema, rows), schema)),
  );
}
