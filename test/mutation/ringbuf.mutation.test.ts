/**
 * Would the tests notice? Each mutant of `src/ringbuf` is handed to the model scenarios and
 * the property checks that the other tests run; at least one must refuse it.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exploreBell } from '../model/bell.scenario.ts';
import { exploreCounters } from '../model/counters.scenario.ts';
import { exploreFanOut } from '../model/fan-out.scenario.ts';
import { exploreReplay } from '../model/replay.scenario.ts';
import type { Ringbuf } from '../model/scenario.ts';
import { exploreSeqlock } from '../model/seqlock.scenario.ts';
import {
  checkCountersAgainstNumbers,
  checkSeqlockAgainstValues,
} from '../property/ringbuf-counters.property.ts';
import { checkRingAgainstModel } from '../property/ringbuf-ring.property.ts';
import { type Mutant, MUTANTS } from './ringbuf-mutants.ts';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));

/** By file, the checks that concern it, the quickest first. */
const CHECKS: Readonly<Record<string, readonly ((subject: URL) => Promise<unknown>)[]>> = {
  'spsc-ring.ts': [checkRing, exploreRooms, exploreReplay, exploreFanOut],
  'ring-memory.ts': [checkRing],
  'bell.ts': [exploreRooms, exploreRingers],
  'counters.ts': [checkCounters, exploreCounters],
  'seqlock.ts': [checkSeqlock, exploreSeqlock],
};

async function load(subject: URL): Promise<Ringbuf> {
  return (await import(/* @vite-ignore */ subject.href)) as Ringbuf;
}
async function checkRing(subject: URL): Promise<void> {
  checkRingAgainstModel(await load(subject), 300);
}
async function checkCounters(subject: URL): Promise<void> {
  checkCountersAgainstNumbers(await load(subject), 100);
}
async function checkSeqlock(subject: URL): Promise<void> {
  checkSeqlockAgainstValues(await load(subject), 100);
}
function exploreRooms(subject: URL): Promise<unknown> {
  return exploreBell(subject, 'rooms');
}
function exploreRingers(subject: URL): Promise<unknown> {
  return exploreBell(subject, 'ringers');
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-mutants-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A copy of the source with the mistake in it; fails if the text it replaces is not there. */
async function plant(mutant: Mutant, name: string): Promise<URL> {
  const copy = join(folder, name);
  for (const part of ['core', 'ringbuf']) {
    await cp(join(SOURCE, part), join(copy, part), { recursive: true });
  }
  const file = join(copy, 'ringbuf', mutant.file);
  const text = await readFile(file, 'utf8');
  expect(text.split(mutant.search).length - 1, `occurrences in ${mutant.file}`).toBe(1);
  await writeFile(
    file,
    text.replace(mutant.search, () => mutant.replace),
  );
  // Without it the files of a temporary folder would not be taken for modules.
  await writeFile(join(copy, 'package.json'), '{ "type": "module" }');
  return pathToFileURL(join(copy, 'ringbuf', 'index.ts'));
}

/** The name and complaint of the first check that refuses `subject`. */
async function firstComplaint(mutant: Mutant, subject: URL): Promise<string | undefined> {
  for (const check of CHECKS[mutant.file]!) {
    try {
      await check(subject);
    } catch (error) {
      return `${check.name}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

test.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))(
  'killed: $name',
  async (mutant) => {
    const complaint = await firstComplaint(mutant, await plant(mutant, `mutant-${mutant.index}`));
    if (process.env['MUTANT_REPORT'] !== undefined) {
      console.log(mutant.name, '<-', complaint?.split('\n')[0]);
    }
    expect(complaint, 'no test notices this mistake').toBeDefined();
    // A mutant that cannot even be loaded proves nothing.
    expect(complaint).not.toMatch(/SyntaxError|Cannot find module|ERR_MODULE_NOT_FOUND/);
  },
  120_000,
);

test('a copy without a mistake passes: it is the mistakes that are refused', async () => {
  const harmless = {
    name: 'none',
    file: 'spsc-ring.ts',
    search: 'rewind(): void',
    replace: 'rewind(): void',
  };
  const subject = await plant(harmless, 'unchanged');
  for (const check of [checkRing, checkCounters, checkSeqlock, exploreReplay, exploreRooms]) {
    await check(subject);
  }
}, 120_000);
