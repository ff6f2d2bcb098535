/** What `npm run test:stress` runs: real workers, long runs, random delays. Not part of `npm test`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    environment: 'node',
    globalSetup: ['test/support/build.ts'],
    include: ['test/stress/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
