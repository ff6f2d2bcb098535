/**
 * The first engine of a process: prints one start as a line of JSON.
 *
 * `node bench/start/first.ts LENGTH WORKERS`
 *
 * @module
 */

import { argv, stdout } from 'node:process';
import { startOnce } from './start-once.ts';

const [length, workers] = argv.slice(2).map(Number);
stdout.write(`${JSON.stringify(await startOnce(length!, workers!))}\n`);
