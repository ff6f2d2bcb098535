/** Looks at the files that a topology names, before anything starts. @module */

import { accessSync, constants, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { type IssueList, pointer, type Topology } from '../core/topology/index.ts';
import type { OperatorNode, TableFile } from '../core/topology/model.ts';

/** Reports input files that cannot be read and outputs that cannot be files. */
export function checkFiles(topology: Topology, baseDirectory: string, issues: IssueList): void {
  // By file: who uses it, and how.
  const users = new Map<string, string>();
  for (const source of topology.sources) {
    if (source.connector === 'module') {
      const problem = inputProblem(path.resolve(baseDirectory, source.module));
      if (problem !== undefined) issues.add(pointer('sources', source.name, 'module'), problem);
    }
    if (source.connector !== 'file') continue;
    const file = path.resolve(baseDirectory, source.path);
    users.set(identityOf(file), `source '${source.name}' reads`);
    const problem = inputProblem(file);
    if (problem !== undefined) issues.add(pointer('sources', source.name, 'path'), problem);
  }
  for (const operator of topology.operators) {
    const table = tableOf(operator);
    if (table !== undefined) {
      const problem = inputProblem(path.resolve(baseDirectory, table.path));
      const at = pointer('operators', operator.name, 'table', 'path');
      if (problem !== undefined) issues.add(at, problem);
    }
    if (operator.type === 'aggregate') {
      for (const { name, module } of operator.aggregates) {
        const problem = inputProblem(path.resolve(baseDirectory, module));
        const at = pointer('operators', operator.name, 'aggregates', name, 'module');
        if (problem !== undefined) issues.add(at, problem);
      }
    }
    if (operator.type !== 'module') continue;
    const problem = inputProblem(path.resolve(baseDirectory, operator.module));
    if (problem !== undefined) issues.add(pointer('operators', operator.name, 'module'), problem);
  }
  for (const sink of topology.sinks) {
    if (sink.connector !== 'file') continue;
    const file = path.resolve(baseDirectory, sink.path);
    const user = users.get(identityOf(file));
    users.set(identityOf(file), `sink '${sink.name}' writes`);
    const problem = user === undefined ? outputProblem(file) : `${user} the same file: ${file}`;
    if (problem !== undefined) issues.add(pointer('sinks', sink.name, 'path'), problem);
  }
}

/** The file that an operator reads when it starts. */
function tableOf(operator: OperatorNode): TableFile | undefined {
  if (operator.type === 'lookup') return 'path' in operator.table ? operator.table : undefined;
  if (operator.type !== 'decision_table' || operator.rules.kind !== 'file') return undefined;
  return operator.rules.table;
}

/** Reports pins to workers that are not there. */
export function checkPins(topology: Topology, workers: number, issues: IssueList): void {
  for (const pin of topology.engine.pins) {
    if (pin.worker < workers) continue;
    const range = workers === 1 ? 'only worker 0' : `workers 0 to ${workers - 1}`;
    issues.add(pin.pointer, `there is no worker ${pin.worker}; this run has ${range}`);
  }
}

function inputProblem(file: string): string | undefined {
  const stats = statOf(file);
  if (stats === undefined) return `no such file: ${file}`;
  if (stats.isDirectory()) return `expected a file, found a directory: ${file}`;
  return isAccessible(file, constants.R_OK) ? undefined : `the file cannot be read: ${file}`;
}

function outputProblem(file: string): string | undefined {
  if (statOf(file)?.isDirectory() === true) return `expected a file, found a directory: ${file}`;
  const directory = path.dirname(file);
  const stats = statOf(directory);
  if (stats === undefined) return `no such directory: ${directory}`;
  if (!stats.isDirectory()) return `expected a directory, found a file: ${directory}`;
  return isAccessible(directory, constants.W_OK)
    ? undefined
    : `the directory cannot be written: ${directory}`;
}

/** The file behind a path, however it is spelled and whatever links lead there. */
function identityOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // Not there yet: its folder is, or that is reported.
  }
  try {
    return path.join(realpathSync(path.dirname(file)), path.basename(file));
  } catch {
    return file;
  }
}

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
