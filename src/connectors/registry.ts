/**
 * The connectors by name. `embedded` is not among them: its rows pass between the embedding program
 * and the engine without a connector.
 *
 * @module
 */

import type { SinkConnector, SourceConnector } from '../core/connector.ts';
import { invariant } from '../core/invariant.ts';
import { discardSink } from './discard/sink.ts';
import { fileSink } from './file/sink.ts';
import { fileSource } from './file/source.ts';
import { generatorSource } from './generator/source.ts';
import { moduleSource } from './module/source.ts';
import { stdoutSink } from './stdout/sink.ts';

const SOURCES: ReadonlyMap<string, SourceConnector> = byName([
  fileSource,
  generatorSource,
  moduleSource,
]);
const SINKS: ReadonlyMap<string, SinkConnector> = byName([fileSink, stdoutSink, discardSink]);

function byName<Connector extends { readonly name: string }>(
  connectors: readonly Connector[],
): ReadonlyMap<string, Connector> {
  return new Map(connectors.map((connector) => [connector.name, connector]));
}

/** The source connector of a checked topology's node. */
export function findSourceConnector(name: string): SourceConnector {
  const connector = SOURCES.get(name);
  invariant(connector !== undefined, `no source connector '${name}'`);
  return connector;
}

/** The sink connector of a checked topology's node. */
export function findSinkConnector(name: string): SinkConnector {
  const connector = SINKS.get(name);
  invariant(connector !== undefined, `no sink connector '${name}'`);
  return connector;
}
