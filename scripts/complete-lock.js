/**
 * Completes `package-lock.json` with the builds of native packages for other platforms.
 *
 * Such a package (`oxlint`, `@swc/core`, …) lists one optional dependency for each platform. npm
 * leaves those out of the lock file that it cannot look up while it writes it (a mirror may lack the
 * ones nobody has asked for), and npm 11 then refuses `npm ci` everywhere, because the lock file is
 * not complete. What is added is only what the package itself says: the name and the exact version;
 * the platform is read off the name. There is no checksum; npm fetches none of these unless it runs
 * on that platform.
 *
 *     npm run lock
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
];
const PROCESSORS = [
  'arm64',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
  'arm',
];

/**
 * Which platform a package is for, by its name: `@oxlint/binding-linux-x64-musl`.
 *
 * @param {string} name
 */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = [...SYSTEMS, 'sunos', 'win32'].find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  const isGlibc = words.includes('gnu') || words.includes('gnueabihf');
  const isMusl = words.includes('musl') || words.includes('musleabihf');
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(os === 'linux' && (isGlibc || isMusl) ? { libc: [isMusl ? 'musl' : 'glibc'] } : {}),
    ...(os === undefined ? {} : { os: [os] }),
  };
}

/**
 * The entry that answers a dependency `name` of the package at `path`, as Node looks it up.
 *
 * @param {Record<string, object>} packages
 * @param {string} path
 * @param {string} name
 */
function lookUp(packages, path, name) {
  const parts = path === '' ? [] : `/${path}`.split('/node_modules/').slice(1);
  for (let depth = parts.length; depth >= 0; depth--) {
    const found =
      packages[[...parts.slice(0, depth), name].map((n) => `node_modules/${n}`).join('/')];
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The optional dependencies that a lock file's packages name and it does not have.
 *
 * @param {Record<string, any>} packages
 * @returns {{ name: string, version: string, by: string }[]}
 */
export function missingFrom(packages) {
  return Object.entries(packages).flatMap(([by, { optionalDependencies = {} }]) =>
    Object.entries(/** @type {Record<string, string>} */ (optionalDependencies))
      .filter(([name]) => lookUp(packages, by, name) === undefined)
      .map(([name, version]) => ({ name, version, by })),
  );
}

function main() {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingFrom(lock.packages);
  for (const { name, version, by } of missing) {
    const platform = platformOf(name);
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) || platform.os === undefined) {
      throw new Error(`${by} wants ${name}@${version}: which version, for which platform?`);
    }
    const isDevelopment = lock.packages[by].dev === true;
    const { cpu, libc, os } = platform;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu === undefined ? {} : { cpu }),
      ...(isDevelopment ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc }),
      optional: true,
      os,
      ...(lock.packages[by].engines === undefined ? {} : { engines: lock.packages[by].engines }),
    };
  }
  const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`lock: ${missing.length} packages added\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
