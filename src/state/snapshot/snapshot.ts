/** Writing and reading what somebody remembers, in pieces. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { StateReader } from './state-reader.ts';
import type { StateSource } from './state-reader.ts';
import { StateWriter } from './state-writer.ts';
import type { StateSink } from './state-writer.ts';

/** What remembers; without `state` it remembers nothing. */
export interface Remembering {
  state?(io: StateIo): Steps | undefined;
}

/**
 * Writes what a kernel remembers, which gets no calls meanwhile.
 *
 * @param identity - whose state it is; only one that says the same reads it
 * @returns how many bytes were written
 */
export function* writeSnapshot(
  owner: Remembering,
  identity: string,
  sink: StateSink,
): Steps<number> {
  const writer = new StateWriter(sink);
  writer.section('snapshot', 1);
  writer.text(identity);
  if (writer.flag(owner.state !== undefined)) yield* inPieces(writer, owner);
  writer.section('end', 1);
  writer.end();
  return writer.writtenBytes;
}

/**
 * Reads it into a kernel that was just made of the same plan and has had no calls.
 *
 * @throws MillraceError `ERR_STATE`: it is damaged or cut off, somebody else's, or of a later version.
 * The kernel is of no use then
 */
export function* readSnapshot(owner: Remembering, identity: string, source: StateSource): Steps {
  const reader = new StateReader(source);
  reader.section('snapshot', 1);
  const found = reader.text('');
  if (found !== identity)
    reader.fail(`it is what ${found} remembered, and ${identity} is to read it`);
  const hasState = reader.flag(false);
  if (hasState !== (owner.state !== undefined)) {
    reader.fail(`${identity} remembers ${hasState ? 'nothing any more' : 'what was not written'}`);
  }
  if (hasState) yield* inPieces(reader, owner);
  reader.section('end', 1);
  reader.end();
}

/** The owner's steps, each of which is a piece. */
function* inPieces(io: StateReader | StateWriter, owner: Remembering): Steps {
  const steps = owner.state!(io);
  if (steps === undefined) return;
  for (;;) {
    io.beginPiece();
    if (steps.next().done === true) return;
    yield;
  }
}

/** Does all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
