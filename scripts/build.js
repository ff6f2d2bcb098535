/**
 * Builds `dist/` from `src/` with the TypeScript compiler.
 *
 * The new files are written beside the old ones and take their place by a rename, so that `dist/`
 * holds no file whose source is gone, and a program that runs from it never sees half a build.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const fresh = join(root, `dist.new-${process.pid}`);
const old = join(root, `dist.old-${process.pid}`);

/** Where the compiler's entry file lies, or `undefined` when TypeScript is not installed. */
export function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

/** Builds; returns the compiler's exit status and leaves the old `dist/` alone when it is not 0. */
export function build() {
  const compiler = findCompiler();
  if (compiler === undefined) {
    process.stderr.write('build: TypeScript is not installed; run `npm ci` first\n');
    return 1;
  }
  try {
    const { status } = spawnSync(
      process.execPath,
      [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh],
      { cwd: root, stdio: 'inherit' },
    );
    if (status !== 0) return status ?? 1;
    const cli = join(fresh, 'cli', 'main.js');
    if (existsSync(cli)) chmodSync(cli, 0o755);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
    return 0;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = build();
