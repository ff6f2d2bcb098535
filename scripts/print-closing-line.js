/**
 * Prints the closing line of a CI run, `N passed, N failed`, alone on a line, from the JSON report
 * of the tests; exits with 1 when anything failed.
 *
 *     node scripts/print-closing-line.js REPORT [FAILED_STEP…]
 *
 * A test file that could not be loaded counts as one failure, and so does each failed step of the
 * run that is no test (a type error, a broken package), so that the line never says that all is well
 * when it is not. The step `npm test` counts only when the report does not show why it failed.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TEST_STEP = 'npm test';

/**
 * Counts a report of the test runner; `undefined` stands for a run that left none.
 *
 * @param {{
 *   numPassedTests: number,
 *   numFailedTests: number,
 *   testResults: readonly { status: string, assertionResults: readonly { status: string }[] }[],
 * } | undefined} report
 * @param {readonly string[]} failedSteps
 * @returns {{ passed: number, failed: number }}
 */
export function count(report, failedSteps = []) {
  if (report === undefined) return { passed: 0, failed: Math.max(1, failedSteps.length) };
  const unloaded = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length;
  const passed = report.numPassedTests;
  const failedTests = report.numFailedTests + unloaded;
  const steps = failedSteps.filter((step) => step !== TEST_STEP || failedTests === 0).length;
  const failed = failedTests + steps;
  // A run without a single test has not shown anything.
  return { passed, failed: failed === 0 && passed === 0 ? 1 : failed };
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function main([path, ...failedSteps]) {
  const { passed, failed } = count(read(path), failedSteps);
  for (const step of failedSteps) process.stdout.write(`failed: ${step}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
