/**
 * What `npm test` runs. Three groups, one after the other: first the tests that stay in one thread, then
 * those that start engines, three at a time, then those that want the cores for themselves. Files share
 * processes: to load hundreds of modules for each would take as long as the tests.
 *
 * `MILLRACE_TEST_REPORT` names a file for the results as JSON; CI counts from it.
 */
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Engines start twice as fast when their threads find the stripped sources compiled.
env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'millrace-compile-cache');

/** Engines are started by hundreds: their threads load the build, which takes a fifth of the time. */
const ENGINES = {
  globalSetup: ['test/support/build.ts'],
  execArgv: ['--import', fileURLToPath(new URL('test/support/built-threads.js', import.meta.url))],
};

const report = env['MILLRACE_TEST_REPORT'];

/** They look at how fast something is, or how much of a core it takes. */
const ALONE = ['blocked-host', 'idle', 'start', 'bench-ysb'].map(
  (name) => `test/integration/${name}.test.ts`,
);

export default defineConfig({
  test: {
    pool: 'forks',
    isolate: false,
    environment: 'node',
    allowOnly: env['CI'] === undefined,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    coverage: { include: ['src/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/{unit,property,model,conformance,golden,differential,repo}/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          maxWorkers: Math.max(1, Math.min(4, cpus().length)),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...ENGINES,
          name: 'threads',
          include: ['test/{integration,mutation}/**/*.test.ts'],
          exclude: [...ALONE],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Much of them is waiting: for threads to start, for a watchdog, for a clock.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...ENGINES,
          name: 'alone',
          include: [...ALONE],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
