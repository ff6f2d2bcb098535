/**
 * Problems of a topology in the house style: where, what was expected, what was found, and the
 * nearest right name for a mistyped one. The planner reports its own through the same functions.
 *
 * @module
 */

import type { TopologyIssue } from '../errors.ts';
import { MillraceError } from '../errors.ts';

/** A JSON pointer (RFC 6901) of unescaped steps: `pointer('operators', 'a/b', 'where')`. */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${escapeStep(String(step))}`).join('');
}

/** One step of a JSON pointer, escaped: `~` becomes `~0`, `/` becomes `~1`. */
export function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The unescaped steps of a JSON pointer; `undefined` when the text is none. */
export function pointerSteps(text: string): string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A value as messages show it: short ones as JSON, long ones by kind. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(cut(value));
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    return `a ${typeof value}`;
  }
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return short(value) ?? `a list of ${value.length}`;
  return short(value) ?? 'an object';
}

const SHOWN_CHARACTERS = 60;

function cut(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}

function short(value: object): string | undefined {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    return undefined; // a cycle, or a bigint inside: an embedding program's mistake
  }
  return text !== undefined && text.length <= SHOWN_CHARACTERS ? text : undefined;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words[words.length - 1]}`;
}

/** Gathers problems, so that all of them are reported and not only the first. */
export class IssueList {
  readonly #issues: TopologyIssue[] = [];
  readonly #origin: (issue: TopologyIssue) => TopologyIssue;

  /** @param origin - puts each problem to where it comes from */
  constructor(origin: (issue: TopologyIssue) => TopologyIssue = (issue) => issue) {
    this.#origin = origin;
  }

  /** The problems so far, in the order they were added. */
  get issues(): readonly TopologyIssue[] {
    return this.#issues;
  }

  /** Adds a problem. `suggestion` is put into the sentence as well. */
  add(at: string, message: string, suggestion?: string): void {
    this.#issues.push(
      this.#origin(
        suggestion === undefined
          ? { pointer: at, message }
          : { pointer: at, message: `${message}; did you mean '${suggestion}'?`, suggestion },
      ),
    );
  }

  /** Adds problems found elsewhere. */
  addAll(issues: readonly TopologyIssue[]): void {
    this.#issues.push(...issues.map((issue) => this.#origin(issue)));
  }

  /**
   * Throws all problems as one error, if there are any.
   *
   * @param subject - what is refused: the file's name, or `topology`
   * @throws MillraceError `ERR_TOPOLOGY_INVALID` with `issues`
   */
  throwIfAny(subject = 'topology'): void {
    if (this.#issues.length > 0) throw topologyError(this.#issues, subject);
  }
}

/** `pointer: message`, the line people read. */
export function formatIssue(issue: TopologyIssue): string {
  return issue.pointer === '' ? issue.message : `${issue.pointer}: ${issue.message}`;
}

/** The error that refuses a topology; its message has one line per problem. */
export function topologyError(
  issues: readonly TopologyIssue[],
  subject = 'topology',
): MillraceError {
  const count = issues.length === 1 ? 'one problem' : `${issues.length} problems`;
  const lines = issues.map((issue) => `  ${formatIssue(issue)}`);
  const message = [`${subject} is not valid: ${count}`, ...lines].join('\n');
  return new MillraceError('ERR_TOPOLOGY_INVALID', message, { issues });
}
