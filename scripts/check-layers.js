/**
 * Checks who imports whom (`.dependency-cruiser.cjs`) and fails on a violation, and also when the
 * checker did not see the source: without a parser for TypeScript it finds no modules, reports no
 * violations and is content.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Tests may import anything, so they are not looked at. */
const FOLDERS = ['src', 'bench', 'examples', 'scripts'];

/** Fewer modules of our own than this mean that the checker is blind. */
export const MINIMUM_MODULES = 40;

/**
 * Checks the folders of `root` against the table of this repository.
 *
 * @param {string} [root]
 * @returns {{
 *   seen: number,
 *   unseen: string[],
 *   violations: { rule: string, severity: string, path: string }[],
 * }}
 */
export function cruise(root = REPOSITORY) {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const run = spawnSync(
    process.execPath,
    [
      join(REPOSITORY, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
      '--config',
      join(REPOSITORY, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      ...folders,
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 30 },
  );
  if (!run.stdout.startsWith('{')) throw new Error(`the checker failed: ${run.stderr}`);
  const { modules, summary } = JSON.parse(run.stdout);

  const own = new Set(
    modules.map((module) => module.source).filter((path) => folders.includes(path.split('/')[0])),
  );
  const unseen = globSync('src/**/*.ts', { cwd: root })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !own.has(path));
  return { seen: own.size, unseen, violations: summary.violations.map(describe) };
}

function describe({ rule, from, to, cycle }) {
  const path = cycle === undefined ? [from, to] : [from, ...cycle.map(({ name }) => name)];
  return { rule: rule.name, severity: rule.severity, path: [...new Set(path)].join(' → ') };
}

function main() {
  const { seen, unseen, violations } = cruise();
  const errors = violations.filter(({ severity }) => severity === 'error');
  for (const { rule, severity, path } of violations) {
    process.stdout.write(`${severity} ${rule}: ${path}\n`);
  }
  for (const path of unseen) process.stdout.write(`error not-seen: ${path}\n`);
  if (seen < MINIMUM_MODULES) {
    process.stdout.write(
      `error too-few-modules: ${seen} seen, at least ${MINIMUM_MODULES} exist\n`,
    );
  }
  process.stdout.write(`layers: ${seen} modules, ${errors.length} errors\n`);
  if (errors.length > 0 || unseen.length > 0 || seen < MINIMUM_MODULES) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
