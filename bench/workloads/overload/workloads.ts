/** The loads that admission is judged by. @module */

import type { Workload } from './trace.ts';
import { VALUE_LAWS, type ValueLaw } from './values.ts';

/** Loads that are steady after a step at one third of the time. */
export const STEADY_LOADS = [1.1, 1.5, 2, 5, 10] as const;

/** A step from 0.7 to a load, a third into the time. */
export function step(law: ValueLaw, load: number, durationMs = 3000): Workload {
  return {
    name: `${law} ${load}x`,
    durationMs,
    law,
    load: (ms) => (ms < durationMs / 3 ? 0.7 : load),
  };
}

/** Every law at every steady load of 1.5 and more. */
export function steadySet(durationMs = 3000): Workload[] {
  return VALUE_LAWS.flatMap((law) =>
    STEADY_LOADS.filter((load) => load >= 1.5).map((load) => step(law, load, durationMs)),
  );
}

/** Whether a time lies in the first part of its period. */
const within = (ms: number, periodMs: number, partMs: number) => ms % periodMs < partMs;

/** Loads that change faster than a controller likes, lognormal values. */
export function hardSet(durationMs = 3000): Workload[] {
  const base = { durationMs, law: 'lognormal' } as const;
  const bursts = (ms: number) => within(ms + 700, 1000, 250);
  const threefold = (ms: number) => (ms < 300 ? 0.7 : 3);
  const half = durationMs / 2;
  return [
    { ...base, name: 'on/off 10x 50 ms', load: (ms) => (within(ms + 500, 1000, 50) ? 10 : 0.5) },
    { ...base, name: 'on/off 10x 200 ms', load: (ms) => (within(ms + 500, 1000, 200) ? 10 : 0.5) },
    { ...base, name: 'flap 0.5/3 20 ms', load: (ms) => (within(ms, 40, 20) ? 0.5 : 3) },
    { ...base, name: 'flap 0.5/3 100 ms', load: (ms) => (within(ms, 200, 100) ? 0.5 : 3) },
    {
      ...base,
      name: 'value x8 in 4x bursts',
      load: (ms) => (bursts(ms) ? 4 : 0.9),
      scale: (ms) => (bursts(ms) ? 8 : 1),
    },
    {
      ...base,
      name: 'value /8 in 4x bursts',
      load: (ms) => (bursts(ms) ? 4 : 0.9),
      scale: (ms) => (bursts(ms) ? 1 / 8 : 1),
    },
    {
      ...base,
      name: 'value sine 500 ms at 3x',
      load: threefold,
      scale: (ms) => 4 ** Math.sin((2 * Math.PI * ms) / 500),
    },
    {
      ...base,
      name: 'value sine 100 ms at 3x',
      load: threefold,
      scale: (ms) => 4 ** Math.sin((2 * Math.PI * ms) / 100),
    },
    { ...base, name: 'value jump x64 at 3x', load: threefold, scale: (ms) => (ms < half ? 1 : 64) },
    { ...base, name: 'value drop /64 at 3x', load: threefold, scale: (ms) => (ms < half ? 64 : 1) },
    { ...base, name: 'costs 1 to 8 at 3x', load: threefold, costs: [1, 2, 4, 8] },
    {
      ...base,
      name: 'capacity -40 % at 2x',
      load: (ms) => (ms < 300 ? 0.7 : 2),
      capacity: (ms) => (ms < half ? 1 : 0.6),
    },
    ...[10, 30, 50].map((stallMs) => ({
      ...base,
      name: `${stallMs} ms stall each s at 2x`,
      load: (ms: number) => (ms < 300 ? 0.7 : 2),
      capacity: (ms: number) => (within(ms + 200, 1000, stallMs) ? 0 : 1),
    })),
    { ...base, name: 'ramp 0.5 to 10', load: (ms) => 0.5 * 20 ** (ms / durationMs) },
    {
      ...base,
      name: 'bursts 2x 300 ms, 0.8 between',
      load: (ms) => (within(ms, 1000, 300) ? 2 : 0.8),
    },
    {
      ...base,
      name: 'random 0.2 to 6 each 30 ms',
      load: (ms) => 0.2 * 30 ** noise(Math.floor(ms / 30)),
    },
  ];
}

/** Rows that two workers have to work on, one after the other, with too much for both. */
export function twoWorkerSet(durationMs = 3000): Workload[] {
  const base = { durationMs, law: 'lognormal' } as const;
  const costs = { costs: [1, 1, 2, 0.2], secondCosts: [1, 2, 0.2, 1] };
  const apart = { costs: [1, 0.1, 1], secondCosts: [0.1, 1, 1] };
  return [
    { ...base, ...costs, name: 'two workers 1.5x', load: () => 1.5 },
    { ...base, ...costs, name: 'two workers 3x', load: () => 3 },
    { ...base, ...apart, name: 'two workers apart 5x', load: () => 5 },
  ];
}

/** Loads that a queue of 0.7 of the goal absorbs: nothing may be shed. */
export function absorbableSet(durationMs = 2000): Workload[] {
  const base = { durationMs, law: 'lognormal' } as const;
  return [
    ...[0.5, 0.8, 0.9, 0.95, 0.98].map((load) => ({
      ...base,
      name: `${load}x`,
      load: () => load,
    })),
    { ...base, name: '1.3x for 100 ms each s', load: (ms) => (within(ms, 1000, 100) ? 1.3 : 0.8) },
    { ...base, name: '10x for 3 ms', load: (ms) => (within(ms, 100, 3) ? 10 : 0.6) },
    {
      ...base,
      name: '0.8x with stalls of 30 ms',
      load: () => 0.8,
      capacity: (ms) => (within(ms, 1000, 30) ? 0 : 1),
    },
  ];
}

/** A number between 0 and 1 that follows from another. */
function noise(n: number): number {
  let h = Math.imul(n + 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
