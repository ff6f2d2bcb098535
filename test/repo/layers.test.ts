import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINIMUM_MODULES, cruise } from '../../scripts/check-layers.js';
import { ROOT } from './support/repository.ts';

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly { readonly name: string }[];
};

describe('who imports whom', () => {
  const result = cruise();

  test('the checker sees the source', () => {
    expect(result.unseen).toEqual([]);
    expect(result.seen).toBeGreaterThanOrEqual(MINIMUM_MODULES);
  });

  test('nobody breaks the table', () => {
    expect(result.violations.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('every folder of src has a row in the table', () => {
    const rows = new Set(forbidden.map(({ name }) => name));
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'workers')
      .map((entry) => `layer-${entry.name}`);
    expect(folders.filter((row) => !rows.has(row))).toEqual([]);
  });
});

/** A small tree in which every file breaks one rule. */
const OFFENDERS: Readonly<Record<string, readonly [source: string, rule: string]>> = {
  'src/core/a.ts': ["import '../engine/a.ts';", 'layer-core'],
  'src/core/b.ts': ["import 'zod';", 'package-zod'],
  'src/core/c.ts': ["import 'node:fs';", 'no-node-in-pure-folders'],
  'src/ringbuf/a.ts': ["import type { A } from '../state/b.ts';", 'layer-ringbuf'],
  'src/expr/a.ts': ["import '../ringbuf/b.ts';", 'layer-expr'],
  'src/state/a.ts': ["import '../expr/b.ts';", 'layer-state'],
  'src/connectors/a.ts': ["import '../ringbuf/b.ts';", 'layer-connectors'],
  'src/operators/a.ts': ["import '../ringbuf/b.ts';", 'layer-operators'],
  'src/metrics/a.ts': ["import '../expr/b.ts';", 'layer-metrics'],
  'src/workers/protocol.ts': ["import '../expr/b.ts';", 'layer-workers-protocol'],
  'src/workers/host/a.ts': [
    "import type { A } from '../thread/b.ts';",
    'host-and-thread-talk-by-protocol',
  ],
  'src/workers/thread/a.ts': ["import '../host/b.ts';", 'host-and-thread-talk-by-protocol'],
  'src/workers/thread/c.ts': ["import '../../operators/specs.ts';", 'layer-workers-thread'],
  'src/workers/thread/d.ts': ["import 'piscina';", 'package-piscina'],
  'src/engine/a.ts': ["import '../operators/kernels.ts';", 'kernels-run-in-threads'],
  'src/engine/b.ts': ["import '../workers/thread/b.ts';", 'layer-engine'],
  'src/engine/c.ts': ["import 'fast-check';", 'packages-are-listed'],
  'src/engine/d.ts': ["import '../../test/a.ts';", 'source-stands-alone'],
  'src/engine/e.ts': ["import './missing.ts';", 'no-unresolved'],
  'src/engine/f.ts': ["import '../cli/b.ts';", 'nobody-imports-the-cli'],
  'src/engine/g.ts': ["import '../index.ts';", 'inside-nobody-imports-the-public-api'],
  'src/engine/h.ts': ["import type { A } from './i.ts';", 'no-cycles'],
  'src/cli/a.ts': ["import '../engine/a.ts';", 'layer-cli'],
  'examples/a.ts': ["import '../src/index.ts';", 'examples-use-the-package'],
};

/** What the offenders import; nothing is wrong with these. */
const INNOCENT = [
  'src/index.ts',
  'src/ringbuf/b.ts',
  'src/state/b.ts',
  'src/expr/b.ts',
  'src/operators/kernels.ts',
  'src/operators/specs.ts',
  'src/workers/host/b.ts',
  'src/workers/thread/b.ts',
  'src/cli/b.ts',
  'test/a.ts',
];

/** Closes the cycle that `src/engine/h.ts` is accused of. */
const ACCOMPLICE = ['src/engine/i.ts', "import type { A } from './h.ts';"] as const;

describe('the table has teeth', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-layers-'));
  let violations: ReturnType<typeof cruise>['violations'] = [];

  beforeAll(() => {
    const sources = Object.entries(OFFENDERS).map(([path, [source]]) => [path, source] as const);
    const innocent = INNOCENT.map((path) => [path, ''] as const);
    for (const [path, source] of [...sources, ...innocent, ACCOMPLICE]) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), `${source}\nexport type A = 1;\nexport const a = 1;\n`);
    }
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    ({ violations } = cruise(folder));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(OFFENDERS))('%s is found', (path, [, rule]) => {
    const found = violations.filter((violation) => violation.path.startsWith(path));
    expect(found.map((violation) => violation.rule)).toContain(rule);
  });

  test.each(INNOCENT)('%s is not accused', (path) => {
    const accused = violations.filter(
      (violation) => violation.severity === 'error' && violation.path.startsWith(`${path} `),
    );
    expect(accused).toEqual([]);
  });
});
