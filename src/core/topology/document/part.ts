/** A part: what a file has in it that topologies include. @module */

import * as z from 'zod';
import { operator } from '../operators/index.ts';
import { anyValue } from './distributions.ts';
import { encodeHint } from './hints.ts';
import { columns, expecting, flag, namesTo, object, streamName, text } from './parts.ts';

/** Built of the schemas of operators, for which the compiler finds the type. */
function makePart() {
  const parameter = object('a parameter such as {"default": "10s"}, or {}', {
    default: anyValue
      .describe('Its value where an include has none; without it one must.')
      .optional(),
    description: text('a sentence').describe('For people.').optional(),
  });

  const input = object('an input such as {"schema": {"user": "string"}}', {
    schema: columns()
      .describe('Columns that the stream has; it may have others besides.')
      .optional(),
    time: flag()
      .describe('Whether the stream has event time; it may or may not if left out.')
      .optional(),
    description: text('a sentence').describe('For people.').optional(),
  });

  return object('a part of topologies, a JSON object', {
    $schema: z
      .string(expecting('the address of a JSON Schema'))
      .describe('For editors.')
      .optional(),
    version: z
      .literal(1, { error: () => encodeHint({ kind: 'option', noun: 'version', planned: [] }) })
      .describe('The version of this format: 1.'),
    name: text('a name for the part').describe('What the part is called.'),
    parameters: namesTo('parameters by name, such as {"size": {"default": "10s"}}', parameter)
      .describe('Name → parameter, written ${NAME} in strings of the operators.')
      .optional(),
    inputs: namesTo('inputs by name, such as {"clicks": {"schema": {…}}}', input)
      .describe('Name → input: a stream that an include hands in.')
      .optional(),
    outputs: namesTo(
      'streams by the name of the output, such as {"out": "sessions"}',
      streamName(),
    ).describe('Name of the output → stream of the part. An include is read as INCLUDE.OUTPUT.'),
    operators: namesTo('operators by name, such as {"valid": {…}}', operator).describe(
      'What happens to rows: name → operator.',
    ),
  }).meta({ title: 'Millrace part' });
}

let made: ReturnType<typeof makePart> | undefined;

/** The shape of a whole part, made when it is first asked for: most topologies have none. */
export function partSchema(): ReturnType<typeof makePart> {
  made ??= makePart();
  return made;
}

/** The JSON Schema of a part, for editors; that of operators is in the schema of topologies beside it. */
export function partJsonSchema(): object {
  const { properties, ...rest } = z.toJSONSchema(partSchema().omit({ operators: true }), {
    io: 'input',
    target: 'draft-2020-12',
  });
  const operators = {
    description: partSchema().shape.operators.description,
    $ref: './topology.schema.json#/properties/operators',
  };
  const required = [...(rest.required ?? []), 'operators'];
  return { ...rest, properties: { ...properties, operators }, required };
}
