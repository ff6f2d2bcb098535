/**
 * Tries the package as its users will: packs it, installs the tarball in another project, compiles
 * a TypeScript program against its types, runs a topology through its API and starts its command.
 *
 * Needs what `npm ci` left in npm's cache, or a registry. Takes about ten seconds.
 *
 *     node scripts/check-package.js [--keep]
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What a package may hold: the built program, the schema, and what npm always adds. */
const ALLOWED =
  /^(dist\/.*\.(js|d\.ts)|dist\/workers\/thread\/(main|deferred|chunks\/[\w-]+)\.js\.map|dist\/(index|cli\/[\w-]+)\.js\.map|dist\/zod\.LICENSE|(?:topology|part)\.schema\.json|package\.json|README\.md|LICENSE)$/;

const PROGRAM = `
import { Millrace, MillraceError } from 'millrace';

const engine = await Millrace.start(
  {
    version: 1,
    name: 'consumer',
    sources: { numbers: { connector: 'embedded', schema: { n: 'int32' } } },
    operators: { big: { type: 'filter', input: 'numbers', where: 'n >= 2' } },
    sinks: { out: { input: 'big', connector: 'embedded' } },
  },
  { workers: 1 },
);
const input = engine.input('numbers');
await input.push([{ n: 1 }, { n: 2 }, { n: 3 }]);
const drained = engine.drain({ timeoutMs: 20_000 });
let rows = 0;
for await (const batch of engine.output('out')) for (const _row of batch) rows += 1;
await drained;
await engine.stop();
if (rows !== 2) throw new Error(\`expected 2 rows, found \${rows}\`);

let refused: unknown;
try {
  await Millrace.start({ version: 1, name: 'broken', sources: 7 } as never);
} catch (error) {
  refused = error;
}
if (!(refused instanceof MillraceError) || refused.code !== 'ERR_TOPOLOGY_INVALID') {
  throw new Error(\`expected ERR_TOPOLOGY_INVALID, found \${String(refused)}\`);
}
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2024',
    lib: ['ES2024', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    // The declarations that are shipped are checked as well.
    skipLibCheck: false,
    types: ['node'],
    outDir: 'out',
  },
  include: ['program.ts'],
};

function run(title, cwd, command, ...args) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) {
    throw new Error(`${title}: exit ${result.status}\n${result.stdout}${result.stderr}`);
  }
  process.stdout.write(`ok   ${title}\n`);
  return result.stdout;
}

function expect(isTrue, message) {
  if (!isTrue) throw new Error(message);
  process.stdout.write(`ok   ${message}\n`);
}

/** npm by the same Node that runs this script, whatever lies first on PATH. */
function npm(title, cwd, ...args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js')
    ? run(title, cwd, process.execPath, cli, ...args)
    : run(title, cwd, 'npm', ...args);
}

function pack(folder) {
  const [packed] = Object.values(
    JSON.parse(
      npm(
        'pack',
        root,
        'pack',
        '--json',
        '--silent',
        '--ignore-scripts',
        '--pack-destination',
        folder,
      ),
    ),
  );
  const paths = packed.files.map(({ path }) => path);
  const strangers = paths.filter((path) => !ALLOWED.test(path));
  expect(strangers.length === 0, `nothing but built files is packed ${strangers.join(' ')}`.trim());
  for (const path of [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'README.md',
    'LICENSE',
  ]) {
    expect(paths.includes(path), `${path} is packed`);
  }
  return join(folder, packed.filename);
}

function install(tarball, project) {
  mkdirSync(project);
  const types = manifest.devDependencies['@types/node'];
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: { millrace: `file:${tarball}` },
      devDependencies: { '@types/node': types },
    }),
  );
  npm('install', project, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--silent');
  const installed = join(project, 'node_modules', 'millrace');
  expect(!existsSync(join(installed, 'src')), 'the installed package has no sources');
}

function compileAndRun(project) {
  writeFileSync(join(project, 'program.ts'), PROGRAM);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run('a strict TypeScript program compiles', project, process.execPath, compiler, '-p', '.');
  run('and runs', project, process.execPath, join('out', 'program.js'));
}

function tryCommand(project) {
  const bin = join(project, 'node_modules', '.bin', 'millrace');
  const help = run('millrace --help', project, bin, '--help');
  for (const command of ['run', 'validate', 'explain']) {
    expect(new RegExp(`\\b${command}\\b`).test(help), `its help names ${command}`);
  }
  const version = run('millrace --version', project, bin, '--version').trim();
  expect(version.includes(manifest.version), `its version is ${manifest.version}`);
  npm('npx millrace --help', project, 'exec', '--offline', '--', 'millrace', '--help');
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-package-'));
try {
  if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('no dist/: npm run build first');
  const project = join(folder, 'consumer');
  install(pack(folder), project);
  compileAndRun(project);
  tryCommand(project);
} catch (error) {
  process.stdout.write(`FAIL ${error.message}\n`);
  process.exitCode = 1;
} finally {
  if (process.argv.includes('--keep')) process.stdout.write(`kept ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}
