/** What the benchmark of kernels is made of. @module */

import type { Answer, KernelSubject } from './subject.ts';
import type { Workshop } from './workshop.ts';

/** What a case is measured with. The first subject is `millrace`. */
export interface PreparedCase {
  readonly subjects: readonly KernelSubject[];
  /** Computed by an obvious loop that nobody measures. */
  readonly expected: Answer;
  /** What a row takes in memory or in a file, where throughput in bytes is the point. */
  readonly bytesPerRow?: number;
}

/** One line of the table for each of its subjects. */
export interface KernelCase {
  /** Begins with the kernel's name: `filter f64 25 %`. */
  readonly name: string;
  /** The C++ beside it, which is compiled before anything is measured. */
  readonly program?: string;
  /** Takes long: left out of quick runs that don't ask for it. */
  readonly isLong?: boolean;
  prepare(workshop: Workshop): PreparedCase | Promise<PreparedCase>;
}
