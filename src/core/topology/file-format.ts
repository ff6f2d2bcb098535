/** Which format a file has. @module */

import type { SinkDocument } from './document/sinks.ts';
import type { SourceDocument } from './document/sources.ts';

/** A node whose rows are text. */
export type WithFormat = Extract<SourceDocument | SinkDocument, { connector: 'file' | 'stdout' }>;

/** The format of a file or of standard output; `undefined` when neither property nor name tells. */
export function formatOf(node: WithFormat): 'csv' | 'jsonl' | undefined {
  if (node.format !== undefined) return node.format;
  if (node.connector === 'stdout') return 'jsonl';
  const name = isGzip(node.path) ? node.path.slice(0, -'.gz'.length) : node.path;
  if (/\.csv$/i.test(name)) return 'csv';
  return /\.(?:jsonl|ndjson)$/i.test(name) ? 'jsonl' : undefined;
}

/** Whether a file is compressed, by its name. */
export function isGzip(path: string): boolean {
  return /\.gz$/i.test(path);
}
