/** Whether there is anything to read for who reads the stream of what was shed. @module */

import { SHED_STREAM } from '../shed-stream.ts';
import type { GraphNode } from './graph-nodes.ts';
import type { JsonValue } from './model.ts';
import type { Report } from './node-report.ts';
import { isObject, valueAt } from './place.ts';

/** Warns those that read it where no source would ever shed or spill. */
export function checkShedStream(
  sources: JsonValue | undefined,
  nodes: readonly GraphNode[],
  { warnings }: Report,
): void {
  const list = isObject(sources) ? Object.values(sources) : [];
  const mayShed = list.some((source) => {
    const said = valueAt(source, ['admission', 'onOverload']);
    return said !== undefined && said !== 'block';
  });
  if (mayShed) return;
  for (const { pointer, stream } of nodes.flatMap(({ inputs }) => inputs)) {
    if (stream !== SHED_STREAM) continue;
    warnings.add(pointer, `'${SHED_STREAM}' stays empty: no source has an 'onOverload' that sheds`);
  }
}
