/** Compiles `bench/peers/ring.cpp`, where there is a compiler, and runs it. @module */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compileCpp } from '../shared/cpp.ts';

const exec = promisify(execFile);

const FLAGS = {
  cpp: ['-O2', '-fno-tree-vectorize'],
  'cpp-simd': ['-O3', '-march=native'],
} as const;

/** One build of the C++ peer. */
export interface CppRing {
  readonly name: keyof typeof FLAGS;
  /** Runs it once; the answer is the numbers that it prints. */
  readonly run: (mode: string, ...args: readonly number[]) => Promise<number[]>;
}

/** The builds, and a function that removes them. None if there is no compiler. */
export async function buildCppPeers(): Promise<{
  peers: readonly CppRing[];
  remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-ring-'));
  const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
  const peers = await Promise.all(
    names.map(async (name): Promise<CppRing | undefined> => {
      const binary = join(folder, name);
      if (!(await compileCpp('ring.cpp', binary, FLAGS[name]))) return undefined;
      const run = async (mode: string, ...args: readonly number[]): Promise<number[]> => {
        const { stdout } = await exec(binary, [mode, ...args.map(String)]);
        return stdout.trim().split(' ').map(Number);
      };
      return { name, run };
    }),
  );
  return {
    peers: peers.filter((peer) => peer !== undefined),
    remove: () => rm(folder, { recursive: true }),
  };
}
