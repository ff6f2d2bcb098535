/** What the command line tells the shell. @module */

/** Exit statuses, all of them. */
export const ExitStatus = {
  /** Done; for `run` also: stopped as asked, with everything delivered. */
  DONE: 0,
  /** Failed at run time, or cut off by a second signal. */
  FAILED: 1,
  /** The command line itself is wrong. */
  USAGE: 2,
  /** The topology is wrong, or cannot be read (`EX_CONFIG` of `sysexits.h`). */
  CONFIG: 78,
} as const;

/** One of {@link ExitStatus}, or what a program started by `bench` returned. */
export type ExitStatus = number;

/** A command line that cannot be meant: exit status 2, the message and nothing else. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
