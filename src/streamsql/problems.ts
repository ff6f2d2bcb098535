/** Mistakes in a program: by line and column, all of them at once. @module */

import { MillraceError, type TopologyIssue } from '../core/errors.ts';
import { topologyError } from '../core/topology/issues.ts';
import {
  expressionError,
  type ExpressionProblem,
  expressionProblem,
  pointAt,
  positionOf,
  type Span,
} from '../expr/index.ts';

/** The error of a mistake at a place; a {@link Problems} takes it. */
export function mistake(span: Span, message: string, suggestion?: string): MillraceError {
  return expressionError(span, message, suggestion);
}

/** Gathers what is wrong, so that one statement hides no mistakes of others. */
export class Problems {
  readonly #file: string;
  readonly #found: ExpressionProblem[] = [];

  /** @param file - what messages call the program */
  constructor(file: string) {
    this.#file = file;
  }

  /** Whether there are mistakes so far, which may be why something is missing. */
  get hasAny(): boolean {
    return this.#found.length > 0;
  }

  /**
   * Does a step, and notes the mistake that it ends with.
   *
   * @returns `undefined` then
   * @throws whatever is no mistake of the program
   */
  attempt<Result>(step: () => Result): Result | undefined {
    try {
      return step();
    } catch (error) {
      this.note(error);
      return undefined;
    }
  }

  /** Notes a mistake; throws on what is none. */
  note(error: unknown): void {
    const problem = expressionProblem(error);
    if (problem === undefined) throw error;
    const isKnown = this.#found.some(
      (other) => other.message === problem.message && other.span.start === problem.span.start,
    );
    if (!isKnown) this.#found.push(problem);
  }

  /** @throws MillraceError `ERR_TOPOLOGY_INVALID` with all mistakes, in the order of the text, if there are any */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const inOrder = this.#found.toSorted((a, b) => a.span.start - b.span.start);
    const issues = inOrder.map(({ span, message }) => issueAt(this.#file, span, message));
    throw topologyError(issues, this.#file);
  }
}

/** `FILE:LINE:COLUMN: message`, with the line of the text below it. */
export function issueAt(file: string, span: Span, message: string): TopologyIssue {
  // A name in quotes may have lines, which the message quotes.
  const inLine = message.replaceAll(/\s*[\r\n]\s*/g, ' ');
  const { line, column } = positionOf(span.source, span.start);
  return { pointer: '', message: `${file}:${line}:${column}: ${inLine}\n${pointAt(span)}` };
}

/** `FILE:LINE:COLUMN: message` of what has its own picture, or needs none. */
export function plainIssueAt(file: string, span: Span, message: string): TopologyIssue {
  const { line, column } = positionOf(span.source, span.start);
  return { pointer: '', message: `${file}:${line}:${column}: ${message}` };
}
