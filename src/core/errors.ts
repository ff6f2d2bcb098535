/**
 * Every error the engine can raise, in one place.
 *
 * An error has a stable `code` (documented in `docs/reference/errors.md`; a test keeps the two in
 * step), says whose fault it is (`domain`) and whether trying again can help (`retry`). Expected
 * outcomes such as "ring full" are return values, never errors.
 *
 * @module
 */

const CATALOGUE = {
  /** A topology document is not valid; `issues` lists every problem. */
  ERR_TOPOLOGY_INVALID: { domain: 'user', retry: 'never' },
  /** An expression does not parse or does not type-check. */
  ERR_EXPRESSION: { domain: 'user', retry: 'never' },
  /** The API was used wrongly: unknown stream, push after close, wrong option. */
  ERR_USAGE: { domain: 'user', retry: 'never' },
  /** A row of a source cannot be decoded: too few fields, bad number, broken JSON. */
  ERR_BAD_ROW: { domain: 'user', retry: 'never' },
  /** An expression failed on a row: overflow, division by zero, bad cast. */
  ERR_ROW_EXPRESSION: { domain: 'user', retry: 'never' },
  /** A tuple is larger than a slot can hold. */
  ERR_TUPLE_TOO_LARGE: { domain: 'user', retry: 'never' },
  /** A file or directory cannot be opened, read or written. */
  ERR_FILE: { domain: 'external', retry: 'backoff' },
  /** User code (a module) could not be loaded or threw. */
  ERR_USER_CODE: { domain: 'user', retry: 'never' },
  /** A node's state or buffer reached its limit in bytes. */
  ERR_LIMIT_EXCEEDED: { domain: 'user', retry: 'never' },
  /** A process outside of the engine could not be started, failed, or gave what makes no sense. */
  ERR_PROCESS: { domain: 'external', retry: 'restart' },
  /** State that was written down cannot be read: it is damaged, cut off, or another's. */
  ERR_STATE: { domain: 'external', retry: 'never' },
  /** A worker thread threw, exited, ran out of heap, or stopped answering. */
  ERR_WORKER_LOST: { domain: 'internal', retry: 'restart' },
  /** `drain` or `stop` did not finish within its time limit. */
  ERR_TIMEOUT: { domain: 'external', retry: 'backoff' },
  /** A defect of Millrace itself. */
  ERR_INTERNAL: { domain: 'internal', retry: 'never' },
} as const satisfies Record<string, { domain: ErrorDomain; retry: RetryHint }>;

/** Whose fault an error is. */
export type ErrorDomain = 'user' | 'external' | 'internal';
/** Whether, and how, trying again can help. */
export type RetryHint = 'never' | 'backoff' | 'restart';
/** The stable codes; `docs/reference/errors.md` explains each. */
export type ErrorCode = keyof typeof CATALOGUE;

/** The codes, for the test that compares them with the documentation. */
export const ERROR_CODES = Object.keys(CATALOGUE) as readonly ErrorCode[];

/** One problem of a topology: where, what was found, what was expected, what was probably meant. */
export interface TopologyIssue {
  /** JSON pointer into the document, `''` for the whole of it. */
  readonly pointer: string;
  /** A sentence that says what was found and what was expected. */
  readonly message: string;
  /** The nearest right name, when a name was mistyped. */
  readonly suggestion?: string | undefined;
}

/** What an error carries beside its message. */
export interface ErrorDetails {
  /** The node of the topology it came from: `impressions`, `per_ad`. */
  readonly node?: string | undefined;
  readonly cause?: unknown;
  /** Present for `ERR_TOPOLOGY_INVALID`. */
  readonly issues?: readonly TopologyIssue[] | undefined;
}

/** The plain form in which an error crosses a thread boundary. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly node: string | undefined;
  readonly stack: string | undefined;
}

/** What marks an error of Millrace, whichever copy of this file made it. */
const BRAND: unique symbol = Symbol.for('millrace.MillraceError');

/**
 * The one error class of Millrace.
 *
 * `instanceof` goes by a mark, since this class may exist several times: threads run a bundle of their own,
 * and user code there imports the package.
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  /** Stable code, one of {@link ERROR_CODES}. */
  readonly code: ErrorCode;
  readonly domain: ErrorDomain;
  readonly retry: RetryHint;
  /** The node of the topology it came from, if it came from one. */
  readonly node: string | undefined;
  /** Every problem found, for `ERR_TOPOLOGY_INVALID`; empty otherwise. */
  readonly issues: readonly TopologyIssue[];
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.domain = CATALOGUE[code].domain;
    this.retry = CATALOGUE[code].retry;
    this.node = details.node;
    this.issues = details.issues ?? [];
  }

  get [BRAND](): true {
    return true;
  }
}

/** `error` as a {@link MillraceError}, with `node` filled in where it was not known. */
export function asMillraceError(error: unknown, code: ErrorCode, node?: string): MillraceError {
  if (error instanceof MillraceError) {
    if (error.node !== undefined || node === undefined) return error;
    return new MillraceError(error.code, error.message, {
      node,
      cause: error,
      issues: error.issues,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new MillraceError(code, message, { node, cause: error });
}

/** Flattens an error so that it can be posted to another thread. */
export function serializeError(error: MillraceError): SerializedError {
  const origin = error.cause instanceof Error ? error.cause : error;
  return { code: error.code, message: error.message, node: error.node, stack: origin.stack };
}

/** The inverse of {@link serializeError}. */
export function deserializeError(plain: SerializedError): MillraceError {
  const error = new MillraceError(plain.code, plain.message, { node: plain.node });
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}
