/** Checks between nodes that do not concern streams: files, pins. @module */

import { nearestName } from '../nearest-name.ts';
import { type IssueList, pointer, show } from './issues.ts';
import { keysOf } from './key-order.ts';
import { someOf } from './node-report.ts';
import { type JsonObject, isObject } from './place.ts';

/** Two sinks must not write the same file. Paths are compared as they are written. */
export function checkTargets(sinks: JsonObject, issues: IssueList): void {
  const writers = new Map<string, string>();
  for (const name of keysOf(sinks)) {
    const sink = sinks[name];
    if (!isObject(sink) || sink['connector'] !== 'file') continue;
    const { path } = sink;
    if (typeof path !== 'string' || path === '') continue;
    const at = pointer('sinks', name);
    const other = writers.get(path);
    if (other === undefined) writers.set(path, at);
    else issues.add(at + pointer('path'), `${other} writes the same file, ${show(path)}`);
  }
}

/** Only nodes can be pinned; `nodes` are their names. */
export function checkPins(pins: JsonObject, nodes: readonly string[], issues: IssueList): void {
  for (const name of keysOf(pins)) {
    if (nodes.includes(name)) continue;
    const at = pointer('engine', 'placement', 'pin', name);
    issues.add(at, `unknown node '${name}'${someOf(nodes)}`, nearestName(name, nodes));
  }
}
