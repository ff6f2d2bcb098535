/** Benchmarks that consist of cases: which of them run, and running them from a shell. @module */

import process, { stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { type BenchLine, describeLine } from './bench-line.ts';

/**
 * The cases whose names begin as one of `starts`.
 *
 * @throws Error with the names of all when none does
 */
export function casesThatBegin<Case extends { readonly name: string }>(
  cases: readonly Case[],
  starts: readonly string[],
): readonly Case[] {
  const chosen = cases.filter(({ name }) => starts.some((start) => name.startsWith(start)));
  if (chosen.length > 0) return chosen;
  throw new Error(`no case begins so; there are\n  ${cases.map(({ name }) => name).join('\n  ')}`);
}

/** What a shell asks for. */
export interface AskedFor {
  readonly quick: boolean;
  /** How the names of cases begin; empty for all. */
  readonly cases: readonly string[];
  readonly print: (line: BenchLine) => void;
}

/** Runs a benchmark by `[--quick] [--json] [--case NAME…]`; exit status 1 when an answer was not right. */
export async function runByArguments(bench: (asked: AskedFor) => Promise<void>): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
    },
  });
  let allRight = true;
  await bench({
    quick: values.quick,
    cases: values.case,
    print: (line) => {
      allRight &&= line.checked;
      stdout.write(`${values.json ? JSON.stringify(line) : describeLine(line)}\n`);
    },
  });
  process.exitCode = allRight ? 0 : 1;
}
