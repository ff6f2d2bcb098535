/**
 * Writes `topology.schema.json`, the JSON Schema that editors check topology files with.
 *
 * Run it after a change to `src/core/topology/document/`; a test fails until it has been.
 */

import { writeFileSync } from 'node:fs';
import { topologyJsonSchema } from '../src/core/topology/document/document.ts';

const target = new URL('../topology.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`);
