/**
 * Code that looks for a regular expression in bytes.
 *
 * Code tries one way after the other, as JavaScript does: a part that is found goes on with the code of what is
 * behind it, and where that does not leave, tries the next way itself. So what stands behind a group is there
 * once for each of its alternatives.
 *
 * @module
 */

import type { FunctionBuilder, I32, Label, Local } from '../../../wasm/index.ts';
import { i32 } from '../../../wasm/index.ts';
import { isConstantAt, isLaterByte, skipCharacter } from '../strings/view-code.ts';
import type { Regex, RegexNode, RegexRun, RegexSequence } from './parse-regex.ts';
import { firstCharacters, isAnchored } from './regex-facts.ts';
import { fewCodes, fewMissing, isInSet, skipToAny } from './set-code.ts';

/** What was found: variables. */
export interface Found {
  /** Where the group begins, or the whole; 0 if it was not found, or has no part in what was. */
  readonly from: Local<'i32'>;
  readonly to: Local<'i32'>;
  /** Whether the whole was found. */
  readonly isFound: Local<'i32'>;
}

/**
 * Looks for the first match between two addresses.
 *
 * @param group - which group is asked for; 0 for the whole
 */
export function searchRegex(
  f: FunctionBuilder,
  regex: Regex,
  start: Local<'i32'>,
  end: Local<'i32'>,
  group: number,
): Found {
  const found = { from: f.local('i32'), to: f.local('i32'), isFound: f.local('i32') };
  f.set(found.from, i32.const(0));
  f.set(found.to, i32.const(0));
  f.set(found.isFound, i32.const(0));
  f.block((done) => new RegexWriter(f, { start, end, group, found, done }).search(regex));
  return found;
}

interface Task {
  readonly start: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly group: number;
  readonly found: Found;
  readonly done: Label;
}

/** Writes what is to happen behind a part that ends at an address. */
type Next = (at: Local<'i32'>) => void;

class RegexWriter {
  readonly #f: FunctionBuilder;
  readonly #task: Task;

  constructor(f: FunctionBuilder, task: Task) {
    this.#f = f;
    this.#task = task;
  }

  /** Tries each place, from the first on. */
  search(regex: Regex): void {
    const f = this.#f;
    const { start, end, group, found, done } = this.#task;
    const place = f.let(start);
    const attempt = (): void =>
      this.#choices(regex.choices, place, (at) => {
        if (group === 0) this.#capture(place, at);
        f.set(found.isFound, i32.const(1));
        f.branch(done);
      });
    if (isAnchored(regex)) {
      attempt();
      return;
    }
    const first = firstCharacters(regex);
    const few = first && fewCodes(first);
    f.loop((again) => {
      if (few !== undefined && few.length > 0) skipToAny(f, place, end, few);
      if (first !== undefined) f.branchIf(done, i32.geU(place, end));
      if (first === undefined || few !== undefined) attempt();
      else f.if(isInSet(f, place, first), attempt);
      f.branchIf(done, i32.geU(place, end));
      skipCharacter(f, place, end);
      f.branch(again);
    });
  }

  #capture(from: I32, to: I32): void {
    this.#f.set(this.#task.found.from, from);
    this.#f.set(this.#task.found.to, to);
  }

  #choices(choices: readonly RegexSequence[], at: Local<'i32'>, next: Next): void {
    for (const nodes of choices) this.#sequence(nodes, 0, at, next);
  }

  #sequence(nodes: RegexSequence, position: number, at: Local<'i32'>, next: Next): void {
    const node = nodes[position];
    if (node === undefined) next(at);
    else this.#node(node, at, (behind) => this.#sequence(nodes, position + 1, behind, next));
  }

  #node(node: RegexNode, at: Local<'i32'>, next: Next): void {
    const f = this.#f;
    const { start, end } = this.#task;
    switch (node.kind) {
      case 'start':
        f.if(i32.eq(at, start), () => next(at));
        break;
      case 'end':
        f.if(i32.eq(at, end), () => next(at));
        break;
      case 'bytes': {
        const { bytes } = node;
        f.if(i32.geS(i32.sub(end, at), i32.const(bytes.length)), () => {
          f.if(isConstantAt(at, bytes), () => next(f.let(i32.add(at, i32.const(bytes.length)))));
        });
        break;
      }
      case 'group':
        this.#choices(node.choices, at, (behind) => {
          if (node.index !== this.#task.group) return next(behind);
          this.#capture(at, behind);
          next(behind);
          // Another way may do without the group.
          this.#capture(i32.const(0), i32.const(0));
        });
        break;
      case 'run':
        if (node.isLazy) this.#lazyRun(node, at, next);
        else this.#greedyRun(node, at, next);
        break;
    }
  }

  /** As few characters as possible. */
  #lazyRun(run: RegexRun, at: Local<'i32'>, next: Next): void {
    const f = this.#f;
    const place = f.let(at);
    const count = f.let(i32.const(0));
    f.loop((again) => {
      f.if(i32.geS(count, i32.const(run.min)), () => next(place));
      f.if(this.#goesOn(run, place, count), () => {
        this.#skip(run, place);
        f.increase(count, 1);
        f.branch(again);
      });
    });
  }

  /** As many characters as possible, then fewer. */
  #greedyRun(run: RegexRun, at: Local<'i32'>, next: Next): void {
    const f = this.#f;
    const place = f.let(at);
    const count = f.let(i32.const(0));
    const { min, max } = run;
    const missing = fewMissing(run.set);
    if (min === 0 && max === Infinity && missing !== undefined && missing.length > 0) {
      skipToAny(f, place, this.#task.end, missing);
    } else {
      f.block((stop) => {
        f.loop((again) => {
          f.branchIf(stop, i32.eqz(this.#goesOn(run, place, count)));
          this.#skip(run, place);
          f.increase(count, 1);
          f.branch(again);
        });
      });
    }
    // Only a minimum needs the count from here on.
    f.loop((again) => {
      const tryNext = (): void => {
        next(place);
        f.if(i32.gtU(place, at), () => {
          f.increase(place, -1);
          if (run.set.others) f.while(isLaterByte(place), () => f.increase(place, -1));
          f.increase(count, -1);
          f.branch(again);
        });
      };
      if (min === 0) tryNext();
      else f.if(i32.geS(count, i32.const(min)), tryNext);
    });
  }

  /** 1 when there is one more character, and it may be taken. */
  #goesOn({ set, max }: RegexRun, place: Local<'i32'>, count: Local<'i32'>): I32 {
    const f = this.#f;
    // Behind the end there are bytes that may be loaded.
    const isOne = i32.and(i32.ltU(place, this.#task.end), isInSet(f, place, set));
    return max === Infinity ? isOne : i32.and(isOne, i32.ltS(count, i32.const(max)));
  }

  #skip({ set }: RegexRun, place: Local<'i32'>): void {
    if (set.others) skipCharacter(this.#f, place, this.#task.end);
    else this.#f.increase(place, 1);
  }
}
