/** Opening a source that makes its rows on its worker: a connector's, or the stream of what was shed. @module */

import { loadSourceConnector } from '../../connectors/registry.ts';
import { SharedCell } from '../../ringbuf/index.ts';
import { isShedStream, type TaskPlan, type WorkerJob } from '../protocol.ts';
import type { DeadLetters } from './tasks/dead-letters.ts';
import { type SourceHead, SourceTask, type SourceTaskParts } from './tasks/source-task.ts';

/** A source at work, and whether it depends on callbacks of the event loop. */
export interface OpenedSource {
  readonly head: SourceHead;
  readonly needsEventLoop: boolean;
}

/** Loads and opens the source of a task. */
export async function openSource(
  parts: SourceTaskParts,
  task: TaskPlan,
  letters: DeadLetters,
  job: WorkerJob,
  buffer: SharedArrayBuffer,
): Promise<OpenedSource> {
  const { role } = parts;
  if (isShedStream(role)) {
    const { ShedTask } = await import('./admission/shed-task.ts');
    return { head: new ShedTask(parts, job, buffer), needsEventLoop: false };
  }
  const connector = await loadSourceConnector(role.connector);
  const nextPart = new SharedCell(buffer, job.shared.parts[role.sourceIndex]!);
  const opened: { task?: SourceTask } = {};
  let hasTakenPart = false;
  const source = await connector.open(role.config, {
    node: task.node,
    instance: task.instance,
    instances: task.instances,
    nextPart: () => {
      hasTakenPart = true;
      return nextPart.add(1);
    },
    stream: role.stream,
    timeColumn: role.timeColumn,
    clock: parts.clock,
    rowCapacity: job.plan.rowCapacity,
    baseDirectory: job.baseDirectory,
    memory: parts.memory,
    reject: (row) => letters.reject(row),
    canReject: () => letters.canReject(),
    wake: () => opened.task?.wake(),
    wakeAfter: (delayMs) => opened.task?.wakeAfter(delayMs),
  });
  const needsEventLoop = connector.needsEventLoop(role.config) || source.needsEventLoop === true;
  opened.task = new SourceTask(parts, source, () => hasTakenPart && task.instances > 1);
  return { head: opened.task, needsEventLoop };
}
