/**
 * One start of an engine, measured. In plain JavaScript: a process that strips types has another heap when it starts
 * its first engine.
 *
 * @module
 */

import { setTimeout } from 'node:timers/promises';

/**
 * What is measured of one start.
 *
 * @typedef {{ firstMs: number, fullMs: number, deployMs: number, cpuMs: number }} Start
 */

const POLL_MS = 2;
/** How long an engine runs behind its first row. */
const RUN_MS = 700;
/** How long it is waited for. */
const MOST_MS = 60_000;
/** Rates are taken over this much time. */
const WINDOW_MS = 50;

/**
 * A chain of so many operators, with constants that no other number has.
 *
 * @param {number} length
 * @param {number} start
 */
function chainTopology(length, start) {
  /** @type {Record<string, object>} */
  const operators = {};
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

/**
 * Starts a chain of so many operators, lets it run for a while, and stops it.
 *
 * @param {number} length
 * @param {number} workers
 * @returns {Promise<Start>}
 */
export async function startOnce(length, workers) {
  const built = new URL('../../dist/index.js', import.meta.url).href;
  /** @type {typeof import('../../src/index.ts')} */
  const { Millrace } = await import(built);
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  const engine = await Millrace.start(chainTopology(length, starts++), { workers });
  const deployMs = performance.now() - startMs;
  /** @type {{ atMs: number, rows: number }[]} */
  const samples = [];
  let firstMs = Infinity;
  let cpuMs = 0;
  while (performance.now() - startMs < Math.min(MOST_MS, firstMs + RUN_MS)) {
    await setTimeout(POLL_MS);
    const atMs = performance.now() - startMs;
    const { rowsOut: rows } = engine.summary().operators[`step_${length - 1}`];
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

/**
 * When rows had come, over a window, at nine tenths of the rate of the second half of the run.
 *
 * @param {readonly { atMs: number, rows: number }[]} samples
 */
function fullSpeedMs(samples) {
  const [half, last] = [samples[samples.length >> 1], samples.at(-1)];
  const rate = (last.rows - half.rows) / (last.atMs - half.atMs);
  for (let from = 0, to = 0; to < samples.length; to++) {
    while (samples[to].atMs - samples[from].atMs > WINDOW_MS) from++;
    const [a, b] = [samples[from], samples[to]];
    const isLong = b.atMs - a.atMs > WINDOW_MS / 2;
    if (isLong && b.rows - a.rows >= 0.9 * rate * (b.atMs - a.atMs)) return b.atMs;
  }
  return Infinity;
}
