import { describe, expect, test } from 'vitest';
import { count } from '../../scripts/print-closing-line.js';

interface FileResult {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

const report = (
  numPassedTests: number,
  numFailedTests: number,
  testResults: FileResult[] = [],
) => ({
  numPassedTests,
  numFailedTests,
  testResults,
});

describe('the closing line of CI', () => {
  test('counts tests', () => {
    expect(count(report(3, 0))).toEqual({ passed: 3, failed: 0 });
    expect(count(report(3, 2), ['npm test'])).toEqual({ passed: 3, failed: 2 });
  });

  test('counts a file that did not load', () => {
    const unloaded = { status: 'failed', assertionResults: [] };
    expect(count(report(3, 0, [unloaded]), ['npm test'])).toEqual({ passed: 3, failed: 1 });
  });

  test('does not count a failed file besides its failed tests', () => {
    const file = { status: 'failed', assertionResults: [{ status: 'failed' }] };
    expect(count(report(3, 1, [file]), ['npm test'])).toEqual({ passed: 3, failed: 1 });
  });

  test('counts a failed step that is no test', () => {
    expect(count(report(3, 0), ['npm run lint'])).toEqual({ passed: 3, failed: 1 });
    expect(count(report(3, 1), ['npm test', 'npm run lint'])).toEqual({ passed: 3, failed: 2 });
  });

  test('an error outside every test is a failure', () => {
    expect(count(report(3, 0), ['npm test'])).toEqual({ passed: 3, failed: 1 });
  });

  test('a run that left no report, or ran nothing, has failed', () => {
    expect(count(undefined, ['npm ci'])).toEqual({ passed: 0, failed: 1 });
    expect(count(undefined)).toEqual({ passed: 0, failed: 1 });
    expect(count(report(0, 0))).toEqual({ passed: 0, failed: 1 });
  });
});
