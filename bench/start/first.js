/**
 * The first engine of a process: prints one start as a line of JSON.
 *
 * `node bench/start/first.js LENGTH WORKERS`
 *
 * @module
 */

import { argv, stdout } from 'node:process';
import { startOnce } from './start-once.js';

const [length, workers] = argv.slice(2).map(Number);
stdout.write(`${JSON.stringify(await startOnce(length, workers))}\n`);
