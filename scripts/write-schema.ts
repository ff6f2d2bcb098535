/**
 * Writes `topology.schema.json` and `part.schema.json`, the JSON Schemas that editors check
 * topology files with, and the files that these include.
 *
 * Run it after a change to `src/core/topology/document/`; a test fails until it has been.
 */

import { writeFileSync } from 'node:fs';
import { partJsonSchema } from '../src/core/topology/document/part.ts';
import { topologyJsonSchema } from '../src/core/topology/document/document.ts';

const write = (name: string, schema: object): void => {
  writeFileSync(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
};
write('topology.schema.json', topologyJsonSchema());
write('part.schema.json', partJsonSchema());
