/** Runs the fuzz in a process in which no text can become code, and watches it. @module */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FuzzReport } from './compiler-fuzz.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** A thousand texts take about a second. */
const SILENCE_MS = 120_000;

/** What a run told: a report after each thousand texts. */
export interface FuzzRun {
  readonly reports: readonly FuzzReport[];
  /** What the process said when it failed. */
  readonly failure: string | undefined;
}

/** Runs it to its end, or until it is silent for too long. */
export async function runFuzz(seed: number, texts: number): Promise<FuzzRun> {
  const flags = ['--disallow-code-generation-from-strings', '--max-old-space-size=512'];
  const child = spawn(process.execPath, [...flags, MAIN, String(seed), String(texts)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const reports: FuzzReport[] = [];
  let said = '';
  let failure: string | undefined;
  const hang = (): void => {
    failure = `silent for ${SILENCE_MS} ms after ${reports.at(-1)?.texts ?? 0} texts of seed ${seed}`;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(hang, SILENCE_MS);
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (said = (said + text).slice(-5000)));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    reports.push(JSON.parse(line) as FuzzReport);
    clearTimeout(timer);
    timer = setTimeout(hang, SILENCE_MS);
  }
  const status = await closed;
  clearTimeout(timer);
  if (status !== 0) failure ??= `exit status ${status}: ${said}`;
  return { reports, failure };
}
