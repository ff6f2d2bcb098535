/**
 * Builds `dist/` from `src/` with the TypeScript compiler; the code of the host, of the command line and of
 * worker threads is a few files.
 *
 * The new files are written beside the old ones and take their place by a rename, so that `dist/`
 * holds no file whose source is gone, and a program that runs from it never sees half a build.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
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

/**
 * Puts what every worker thread needs into its entry file, and the rest into a few beside it: to find and
 * load hundreds of files takes each thread four times as long. Names stay; source maps lead to the
 * modules, which stay too. Without the bundler the entry files are what the compiler wrote.
 *
 * @param {string} folder
 */
async function bundle(folder) {
  let rolldown;
  try {
    ({ rolldown } = await import('rolldown'));
  } catch {
    process.stderr.write('build: rolldown is not installed; threads will start slowly\n');
    return;
  }
  // Packages stay packages.
  const external = (/** @type {string} */ id) => !id.startsWith('.') && !isAbsolute(id);
  const [main, deferred] = [join(folder, 'main.js'), join(folder, 'deferred.js')];
  const open = (/** @type {string[]} */ input) =>
    rolldown({
      input,
      platform: 'node',
      external,
      logLevel: 'warn',
      preserveEntrySignatures: 'allow-extension',
      // What is imported through a folder's index comes with what uses it, not with whatever imports the index.
      treeshake: { moduleSideEffects: false },
    });
  const alone = await open([main]);
  const start = startModules((await alone.generate({ codeSplitting: START_ALONE })).output);
  await alone.close();
  const bundled = await open([main, deferred]);
  const { output } = await bundled.write({
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'start', test: (id) => start.has(id) || !isAbsolute(id) },
        { name: chunkOf, debugName: 'folders' },
      ],
    },
    format: 'esm',
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await bundled.close();
  checkOrder(output);
}

/**
 * Puts what a program imports into `index.js`, and the command line into `cli/program.js`: a process that
 * finds and loads hundreds of files takes two and a half times as long until it can start an engine. Only zod
 * comes along, of which four fifths are languages and checks that nobody asks for; its licence is beside it.
 *
 * @param {string} folder
 */
async function bundleHost(folder) {
  let rolldown;
  try {
    ({ rolldown } = await import('rolldown'));
  } catch {
    return;
  }
  const bundled = await rolldown({
    input: { index: join(folder, 'index.js'), 'cli/program': join(folder, 'cli', 'program.js') },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !isAbsolute(id) && id !== 'zod',
    logLevel: 'warn',
    preserveEntrySignatures: 'strict',
    treeshake: { moduleSideEffects: false },
    plugins: [{ name: 'own-addresses', transform: (code, id) => ownAddress(code, id, folder) }],
  });
  const { output } = await bundled.write({
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: 'cli/[name].js',
    format: 'esm',
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await bundled.close();
  checkOrder(output);
  const zod = createRequire(import.meta.url).resolve('zod/package.json');
  copyFileSync(join(dirname(zod), 'LICENSE'), join(folder, 'zod.LICENSE'));
}

/**
 * Has a module go on to name files from where it lies itself, whatever file it becomes part of.
 *
 * @param {string} code
 * @param {string} id
 * @param {string} folder
 */
function ownAddress(code, id, folder) {
  if (!code.includes('import.meta.url')) return undefined;
  const steps = relative(folder, id).split(sep);
  const address = `${steps[0] === 'cli' ? '../' : './'}${steps.join('/')}`;
  const own = `new URL(${JSON.stringify(address)}, import.meta.url).href`;
  return { code: code.replaceAll('import.meta.url', own), map: null };
}

const START_ALONE = {
  includeDependenciesRecursively: false,
  groups: [{ name: 'start', tags: ['$initial'] }],
};

/**
 * What the entry file imports, and what that imports.
 *
 * @param {readonly import('rolldown').RolldownOutput['output'][number][]} output
 */
function startModules(output) {
  const found = output.flatMap((part) =>
    part.type === 'chunk' && part.isEntry ? Object.keys(part.modules) : [],
  );
  return new Set(found);
}

/** Folders whose own folders are chunks; of `state` only those that build on the rest of it. */
const PARTED = /^(?:operators|connectors)$|^state-(?:rows|best|held)$/;
/** What turns texts into typed expressions: on threads for the few operators that read some while they run. */
const PLANNING = /^expr\/(?:parse|infer)\/|^operators\/expression-issues\.js$/;
/** What of expressions runs chains; the rest makes code of them. */
const RUNNING =
  /^expr\/kernel\/(?:adopted-columns|batch-kernel|frame|kernel-run|placed-inputs|program|scratch)\.js$/;

/** What is in the entry file for what is seldom needed. */
const DEFERRED = /\/deferred\.js$|^operators\/chain\/program\.js$/;

/**
 * The chunk of a module that is loaded when a task needs it: its folder.
 *
 * @param {string} id
 */
function chunkOf(id) {
  const steps = relative(fresh, id).split(sep);
  if (PLANNING.test(steps.join('/'))) return 'planning';
  if (DEFERRED.test(steps.join('/'))) return null;
  if (RUNNING.test(steps.join('/'))) return 'operators-chain';
  const first = steps[0] ?? '';
  const folder = steps.length > 2 ? steps[1] : 'all';
  return PARTED.test(first) || PARTED.test(`${first}-${folder}`) ? `${first}-${folder}` : first;
}

/**
 * Chunks that import each other would run before what they use.
 *
 * @param {readonly { readonly fileName: string, readonly imports?: readonly string[] }[]} output
 */
function checkOrder(output) {
  const importsOf = new Map(output.map(({ fileName, imports = [] }) => [fileName, imports]));
  const checked = new Set();
  /** @type {(name: string, importers: readonly string[]) => void} */
  const visit = (name, importers) => {
    if (importers.includes(name)) {
      throw new Error(`chunks import each other: ${[...importers, name].join(' → ')}`);
    }
    if (checked.has(name)) return;
    checked.add(name);
    for (const imported of importsOf.get(name) ?? []) visit(imported, [...importers, name]);
  };
  for (const name of importsOf.keys()) visit(name, []);
}

/** Builds; returns the compiler's exit status and leaves the old `dist/` alone when it is not 0. */
export async function build() {
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
    await bundle(join(fresh, 'workers', 'thread'));
    await bundleHost(fresh);
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

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await build();
