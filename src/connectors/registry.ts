/**
 * The connectors by name. `embedded` is not among them: its rows pass between the embedding program
 * and the engine without a connector.
 *
 * A connector is loaded when a task needs it: most of their code is for formats and files, which take a thread
 * longer to load than all the rest.
 *
 * @module
 */

import type { SinkConnector, SourceConnector } from '../core/connector.ts';
import { invariant } from '../core/invariant.ts';

const SOURCES: ReadonlyMap<string, () => Promise<SourceConnector>> = new Map([
  ['file', async () => (await import('./file/source.ts')).fileSource],
  ['generator', async () => (await import('./generator/source.ts')).generatorSource],
  ['module', async () => (await import('./module/source.ts')).moduleSource],
  ['metronome', async () => (await import('./metronome/source.ts')).metronomeSource],
]);
const SINKS: ReadonlyMap<string, () => Promise<SinkConnector>> = new Map([
  ['file', async () => (await import('./file/sink.ts')).fileSink],
  ['stdout', async () => (await import('./stdout/sink.ts')).stdoutSink],
  ['discard', async () => (await import('./discard/sink.ts')).discardSink],
]);

/** Loads connectors that will be asked for; names that are none are left to whom they mean something. */
export async function preloadConnectors(
  sources: readonly string[],
  sinks: readonly string[],
): Promise<void> {
  const loads = [
    ...sources.map((name) => SOURCES.get(name)),
    ...sinks.map((name) => SINKS.get(name)),
  ];
  await Promise.all(loads.map(async (load) => await load?.()));
}

/** The source connector of a checked topology's node. */
export async function loadSourceConnector(name: string): Promise<SourceConnector> {
  const load = SOURCES.get(name);
  invariant(load !== undefined, `no source connector '${name}'`);
  return await load();
}

/** The sink connector of a checked topology's node. */
export async function loadSinkConnector(name: string): Promise<SinkConnector> {
  const load = SINKS.get(name);
  invariant(load !== undefined, `no sink connector '${name}'`);
  return await load();
}
