/**
 * Fuzzes the compiler in a process of its own: `node main.ts SEED TEXTS`. Prints a report as a line of JSON
 * after each 1000 texts. Run with `--disallow-code-generation-from-strings` nothing can be evaluated.
 *
 * @module
 */

import { argv, stdout } from 'node:process';
import { fuzzCompiler } from './compiler-fuzz.ts';

const [seed, texts] = argv.slice(2).map(Number);
await fuzzCompiler(seed!, texts!, (report) => void stdout.write(`${JSON.stringify(report)}\n`));
