/**
 * What does a row cost that is offered under overload and left out?
 *
 * A generator and a gate on one worker; on another one an operator that does a known number of rows a second and sleeps
 * in between, so that it takes no CPU time to speak of. The generator runs at five and at thirty-five times what the operator does:
 * as many rows are worked on in both cases, so the CPU time of the process that comes with a further row is that of making
 * it and leaving it out. A generator whose rows are only valued and then thrown away runs at the same rates; the
 * difference is what admission takes for a row. Subjects take turns within a round.
 *
 *     npm run build && node bench/micro/rejected.ts [rounds]
 *
 * @module
 */

import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { median } from '../shared/bench-line.ts';
import { ROWS_PER_MS } from './rejected-work.ts';

const { Millrace } = (await import(
  new URL('../../dist/index.js', import.meta.url).href
)) as typeof import('../../src/index.ts');

const rounds = Number(process.argv[2] ?? 3);
const capacity = ROWS_PER_MS * 1000;
const LOADS = [5, 35];
const WARM_UP_MS = 1200;
const MEASURED_MS = 1500;
const VALUE = 'bid * 1.25';
const GOAL_NS = 5;

const SUBJECTS: Readonly<Record<string, object | undefined>> = {
  'valued only': undefined,
  'one class': { value: VALUE },
  'eight classes': { value: VALUE, class: 'tier' },
};

function topology(admission: object | undefined, load: number): object {
  const schema = { at: 'timestamp', key: 'int64', bid: 'float64', tier: 'int32' };
  return {
    version: 1,
    name: 'rejected',
    sources: {
      bids: {
        connector: 'generator',
        rate: capacity * load,
        schema,
        time: { field: 'at' },
        fields: {
          at: { time: { start: '2026-01-01T00:00:00Z', step: '1us' } },
          key: { uniform: [0, 9999] },
          bid: { uniform: [0, 100] },
          tier: { uniform: [0, 7] },
        },
        ...(admission && { admission: { onOverload: 'shed', slo: '50ms', ...admission } }),
      },
    },
    operators: {
      done:
        admission === undefined
          ? { type: 'map', input: 'bids', select: { worth: VALUE } }
          : {
              type: 'module',
              module: './rejected-work.ts',
              export: 'work',
              per: 'batch',
              input: 'bids',
              schema: { bid: 'float64' },
            },
    },
    sinks: { out: { connector: 'discard', input: 'done' } },
    engine: {
      workers: 2,
      placement: {
        pin: admission === undefined ? { bids: 0, done: 0, out: 0 } : { bids: 0, done: 1, out: 1 },
      },
    },
  };
}

/** CPU milliseconds and rows of a while, and what became of them. */
interface Measured {
  readonly cpuMs: number;
  readonly rows: number;
  readonly shed: number;
}

async function measure(admission: object | undefined, load: number): Promise<Measured> {
  const engine = await Millrace.start(topology(admission, load), {
    workers: 2,
    baseDirectory: fileURLToPath(new URL('./', import.meta.url)),
  });
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const rowsOf = () => engine.stats().sources['bids']!;
  await sleep(WARM_UP_MS);
  const [before, counts, startMs] = [process.cpuUsage(), rowsOf(), performance.now()];
  await sleep(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  const [after, tookMs] = [rowsOf(), performance.now() - startMs];
  await engine.stop();
  // A second of it, so that differences are of the same time.
  const perSecond = 1000 / tookMs;
  return {
    cpuMs: ((user + system) / 1000) * perSecond,
    rows: (after.offered - counts.offered) * perSecond,
    shed: (after.shed + after.expired - counts.shed - counts.expired) * perSecond,
  };
}

/** CPU nanoseconds of a further row. */
async function slope(admission: object | undefined): Promise<number> {
  const low = await measure(admission, LOADS[0]!);
  const high = await measure(admission, LOADS[1]!);
  const further = high.rows - low.rows;
  if (further < 0.5 * (LOADS[1]! - LOADS[0]!) * capacity)
    throw new Error('rows did not come: this machine is busy');
  if (admission !== undefined && high.shed - low.shed < 0.9 * further)
    throw new Error('further rows were not shed');
  return ((high.cpuMs - low.cpuMs) * 1e6) / further;
}

const names = Object.keys(SUBJECTS);
const found = new Map(names.map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++)
  for (const name of names) found.get(name)!.push(await slope(SUBJECTS[name]));
const [plain, ...gated] = names;
console.log('CPU nanoseconds of a further row', ' '.repeat(4), 'all  admission');
console.log(plain!.padEnd(32), median(found.get(plain!)!).toFixed(1).padStart(8));
for (const name of gated) {
  const added = median(found.get(name)!.map((ns, round) => ns - found.get(plain!)![round]!));
  const goal = `goal ${GOAL_NS}: ${added <= GOAL_NS ? 'kept' : 'missed'}`;
  console.log(
    name.padEnd(32),
    median(found.get(name)!).toFixed(1).padStart(8),
    added.toFixed(1).padStart(10),
    goal,
  );
}
