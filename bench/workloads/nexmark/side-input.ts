/**
 * The side input of q13: a bounded table of ten thousand keys, each with itself as text.
 *
 * node bench/workloads/nexmark/side-input.ts
 *
 * writes it beside the topology file, for `millrace run`; the benchmark does so by itself.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Rows of the side input, from 0 on. */
export const SIDE_ROWS = 10_000;

const FILE = fileURLToPath(new URL('./queries/side-input.csv', import.meta.url));

/** Writes the file if it is not there; several processes may do so at once. */
export function ensureSideInput(): void {
  if (existsSync(FILE)) return;
  const rows = Array.from({ length: SIDE_ROWS }, (_, key) => `${key},${key}`);
  const temporary = `${FILE}.${process.pid}`;
  writeFileSync(temporary, `${['key,value', ...rows].join('\n')}\n`);
  renameSync(temporary, FILE);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureSideInput();
