/**
 * The topology document: its zod schema, and the TypeScript type that an editor or an embedding
 * program writes it by.
 *
 * @module
 */

import * as z from 'zod';
import { engine } from './engine.ts';
import { operator } from '../operators/index.ts';
import { expecting, namesTo, object, text } from './parts.ts';
import { encodeHint } from './hints.ts';
import { sink } from './sinks.ts';
import { source } from './sources.ts';
import { table } from './tables.ts';

/** A whole document. */
export const documentSchema = object('a topology, a JSON object', {
  $schema: z.string(expecting('the address of a JSON Schema')).describe('For editors.').optional(),
  version: z
    .literal(1, { error: () => encodeHint({ kind: 'option', noun: 'version', planned: [] }) })
    .describe('The version of this format: 1.'),
  name: text('a name for the topology').describe('What the topology is called.'),
  sources: namesTo('sources by name, such as {"orders": {…}}', source).describe(
    'Where rows come from: name → source.',
  ),
  tables: namesTo('tables by name, such as {"stock": {…}}', table)
    .describe('Rows that operators share: name → table.')
    .optional(),
  operators: namesTo('operators by name, such as {"valid": {…}}', operator)
    .describe('What happens to rows: name → operator. A node is read by its name.')
    .optional(),
  sinks: namesTo('sinks by name, such as {"out": {…}}', sink)
    .describe('Where rows go: name → sink.')
    .optional(),
  engine: engine.describe('How the engine runs the topology.').optional(),
}).meta({ title: 'Millrace topology' });

/** A topology as it is written: in a file, or as an object. */
export type TopologyDocument = z.input<typeof documentSchema>;
/** The engine's settings as they are written. */
export type EngineDocument = z.input<typeof engine>;

/** The JSON Schema of a document, for editors: draft 2020-12. */
export function topologyJsonSchema(): object {
  return z.toJSONSchema(documentSchema, { io: 'input', target: 'draft-2020-12' });
}
