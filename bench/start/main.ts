/**
 * Question: how long does an engine take to start?
 *
 * A generator, a chain of 10, 50, 200 filters and maps, a sink that discards. For each: time passed from
 * the call of `Millrace.start` until the first row has come out, and until it flows at full speed
 * (nine tenths of what it does at the end of the run); until the host has read, planned and compiled it; and
 * the CPU time that the process, all threads, has taken by the first row. The first run of a process, which also
 * compiles the planner, is not counted. No two topologies are alike, so no kernel has been compiled before.
 * Beside the median stands the least of all rounds: what other work on the machine did not lengthen.
 *
 * It measures what is built, since threads start otherwise from source: run `npm run build` first.
 *
 * `node bench/start/main.ts [--quick] [--json]`
 *
 * @module
 */

import { stdout } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median } from '../shared/bench-line.ts';

/** What is measured of one start. */
interface Start {
  readonly firstMs: number;
  readonly fullMs: number;
  readonly deployMs: number;
  readonly cpuMs: number;
}

const POLL_MS = 2;
const RUN_MS = 800;
/** Rates are taken over this much time. */
const WINDOW_MS = 50;

/** A chain of so many operators, with constants that no other number has. */
function chainTopology(length: number, start: number): object {
  const operators: Record<string, object> = {};
  let input = 'rows';
  for (let i = 0; i < length; i++) {
    const name = `step_${i}`;
    operators[name] =
      i % 2 === 0
        ? { type: 'map', input, select: { '*': true, id: `id + ${3 * start + (i % 3)}` } }
        : { type: 'filter', input, where: `id + ${i} > ${-start}` };
    input = name;
  }
  return {
    version: 1,
    name: 'start',
    sources: {
      rows: {
        connector: 'generator',
        schema: { id: 'int32', price: 'float64' },
        fields: { id: { uniform: [0, 1000] }, price: { uniform: [0, 1] } },
      },
    },
    operators,
    sinks: { out: { input, connector: 'discard' } },
  };
}

let starts = 0;

async function startOnce(length: number, workers: number): Promise<Start> {
  const built = new URL('../../dist/index.js', import.meta.url).href;
  const { Millrace } = (await import(built)) as typeof import('../../src/index.ts');
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  const engine = await Millrace.start(chainTopology(length, starts++), { workers });
  const deployMs = performance.now() - startMs;
  const samples: { atMs: number; rows: number }[] = [];
  let firstMs = Infinity;
  let cpuMs = 0;
  while (performance.now() - startMs < RUN_MS) {
    await setTimeout(POLL_MS);
    const atMs = performance.now() - startMs;
    const { rowsOut: rows } = engine.summary().operators[`step_${length - 1}`]!;
    if (rows > 0 && firstMs === Infinity) {
      firstMs = atMs;
      const { user, system } = process.cpuUsage(cpu);
      cpuMs = (user + system) / 1000;
    }
    samples.push({ atMs, rows });
  }
  await engine.stop();
  return { firstMs, fullMs: fullSpeedMs(samples), deployMs, cpuMs };
}

/** When rows had come, over a window, at nine tenths of the rate of the second half of the run. */
function fullSpeedMs(samples: readonly { atMs: number; rows: number }[]): number {
  const [half, last] = [samples[samples.length >> 1]!, samples.at(-1)!];
  const rate = (last.rows - half.rows) / (last.atMs - half.atMs);
  for (let from = 0, to = 0; to < samples.length; to++) {
    while (samples[to]!.atMs - samples[from]!.atMs > WINDOW_MS) from++;
    const [a, b] = [samples[from]!, samples[to]!];
    const isLong = b.atMs - a.atMs > WINDOW_MS / 2;
    if (isLong && b.rows - a.rows >= 0.9 * rate * (b.atMs - a.atMs)) return b.atMs;
  }
  return Infinity;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const rounds = values.quick === true ? 3 : 7;
  await startOnce(10, 1);
  for (const length of [10, 50, 200]) {
    for (const workers of [1, 2]) {
      const starts: Start[] = [];
      for (let round = 0; round < rounds; round++) starts.push(await startOnce(length, workers));
      const of = (pick: (start: Start) => number): number => Math.round(median(starts.map(pick)));
      const least = (pick: (start: Start) => number): number =>
        Math.round(Math.min(...starts.map(pick)));
      const result = {
        bench: 'start',
        case: `chain of ${length}`,
        subject: 'millrace',
        workers,
        firstRowMs: of(({ firstMs }) => firstMs),
        fullSpeedMs: of(({ fullMs }) => fullMs),
        deployMs: of(({ deployMs }) => deployMs),
        cpuMs: of(({ cpuMs }) => cpuMs),
        least: {
          firstRowMs: least(({ firstMs }) => firstMs),
          fullSpeedMs: least(({ fullMs }) => fullMs),
          deployMs: least(({ deployMs }) => deployMs),
          cpuMs: least(({ cpuMs }) => cpuMs),
        },
        checked: starts.every(({ firstMs, fullMs }) => firstMs < fullMs),
      };
      stdout.write(
        values.json === true
          ? `${JSON.stringify(result)}\n`
          : `${result.case.padEnd(14)} ${workers} workers   first row ${result.firstRowMs} ms ` +
              `(${result.least.firstRowMs})   full speed ${result.fullSpeedMs} ms ` +
              `(${result.least.fullSpeedMs})   deployed ${result.deployMs} ms ` +
              `(${result.least.deployMs})   CPU time by the first row ${result.cpuMs} ms ` +
              `(${result.least.cpuMs})\n`,
      );
    }
  }
}

await main();
