import { describe, expect, test } from 'vitest';
import { missingFrom, platformOf } from '../../scripts/complete-lock.js';
import { exists, manifest, read, readJson } from './support/repository.ts';

describe('package.json', () => {
  const { bin, exports, files, dependencies, devDependencies, ...rest } = manifest();

  test('is an ES module for Node 22.18 and later, under Apache-2.0', () => {
    expect(rest.type).toBe('module');
    expect(rest.engines).toEqual({ node: '>=22.18' });
    expect(rest.license).toBe('Apache-2.0');
    expect(read('LICENSE')).toMatch(/Apache License\s+Version 2\.0, January 2004/);
  });

  test('publishes what was built and the schema', () => {
    expect(files).toEqual(['dist', 'topology.schema.json', 'part.schema.json']);
    expect(exists('topology.schema.json'), 'topology.schema.json is committed').toBe(true);
  });

  test('every entry point is made from a source file that exists', () => {
    const targets = [...Object.values(bin), ...Object.values(exports)].flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const sources = targets.map((target) =>
      target.replace(/^\.\//, '').replace(/^dist\/(.*?)(\.d\.ts|\.js)$/, 'src/$1.ts'),
    );
    expect(sources.filter((path) => !exists(path))).toEqual([]);
  });

  test('a worker thread starts with one file, and loads others when it needs them', () => {
    const code = read('dist/workers/thread/main.js', 'npm run build makes it');
    const imported = [...code.matchAll(/^(?:import|export)\b[^'"]*["']([^'"]+)["'];?$/gm)];
    expect(imported.map(([, name]) => name!)).toContain('node:worker_threads');
    expect(imported.filter(([, name]) => !name!.startsWith('node:'))).toEqual([]);
    const later = [...code.matchAll(/import\("(\.[^"]+)"\)/g)].map(([, name]) => name);
    expect(later).toContain('./chunks/connectors-file.js');
    const { sources } = readJson<{ sources: string[] }>('dist/workers/thread/main.js.map');
    expect(sources).toContain('task-loop.js');
    expect(code.length, 'bytes that every thread reads').toBeLessThan(250_000);
  });

  test('what runs a chain of operators does not load what makes code of expressions', () => {
    const chunk = 'dist/workers/thread/chunks/operators-chain.js';
    const from = [...read(chunk).matchAll(/^import\b.* from "([^"]+)";$/gm)].map(
      ([, name]) => name,
    );
    expect(from).toContain('../main.js');
    expect(from).not.toContain('./expr.js');
    expect(read('dist/workers/thread/deferred.js')).toMatch(
      /^import\b.* from "\.\/chunks\/expr\.js";$/m,
    );
  });

  test('a program loads one file and piscina, and the command line one more', () => {
    const importedBy = (file: string): string[] =>
      [...read(file, 'npm run build makes it').matchAll(/^import\b.* from "([^"]+)";$/gm)]
        .map(([, name]) => name!)
        .filter((name) => !name.startsWith('node:'));
    expect(importedBy('dist/index.js')).toEqual(['piscina']);
    expect(importedBy('dist/cli/program.js')).toEqual(['./prometheus.js', 'commander']);
    expect(read('dist/index.js').length, 'bytes that every program reads').toBeLessThan(1_600_000);
    const { sources } = readJson<{ sources: string[] }>('dist/index.js.map');
    expect(sources).toContain('engine/engine.js');
    expect(read('dist/zod.LICENSE')).toMatch(/MIT License/);
  });

  test('the public API has types, named before the code', () => {
    expect(Object.keys(exports['.'] as object)).toEqual(['types', 'default']);
  });

  test('the command line names its interpreter', () => {
    expect(Object.keys(bin)).toEqual(['millrace']);
    expect(read('src/cli/main.ts').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  test('every version is exact', () => {
    const open = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(open).toEqual([]);
  });

  test('development runs on Node 24, whatever the machine has', () => {
    expect(devDependencies['node']).toMatch(/^24\./);
    expect(rest.allowScripts['node']).toBe(true);
  });

  test('every package with an install script is allowed or refused by name', () => {
    const { packages } = readJson<{
      packages: Record<string, { hasInstallScript?: boolean; optional?: boolean }>;
    }>('package-lock.json');
    const undecided = Object.entries(packages)
      .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
      .filter((name) => rest.allowScripts[name] === undefined);
    expect(undecided).toEqual([]);
  });

  test('npm does not refuse an older Node at install', () => {
    expect(read('.npmrc')).not.toMatch(/engine-strict/);
  });
});

describe('package-lock.json', () => {
  const lock = read('package-lock.json');

  test('belongs to this package.json', () => {
    const { name, version, dependencies, devDependencies } = manifest();
    expect(packages['']).toMatchObject({ name, version, dependencies, devDependencies });
  });

  test('names no addresses to download from', () => {
    expect(lock.match(/"resolved":.*/g) ?? []).toEqual([]);
    expect(read('.npmrc')).toMatch(/^omit-lockfile-registry-resolved=true$/m);
  });

  const { packages } = JSON.parse(lock) as {
    packages: Record<string, { integrity?: string; optional?: boolean; os?: readonly string[] }>;
  };

  test('has a checksum for every package, builds for other platforms aside', () => {
    const unchecked = Object.entries(packages)
      .filter(([path, { integrity }]) => path !== '' && integrity === undefined)
      .filter(([, { optional, os }]) => optional !== true || os === undefined)
      .map(([path]) => path);
    expect(unchecked).toEqual([]);
  });

  test('is complete for every platform (`npm run lock` completes it)', () => {
    expect(missingFrom(packages)).toEqual([]);
  });

  test.each([
    ['@oxlint/binding-linux-x64-musl', { cpu: ['x64'], libc: ['musl'], os: ['linux'] }],
    ['@swc/core-linux-arm-gnueabihf', { cpu: ['arm'], libc: ['glibc'], os: ['linux'] }],
    ['@swc/core-win32-ia32-msvc', { cpu: ['ia32'], os: ['win32'] }],
    ['@oxlint-tsgolint/darwin-arm64', { cpu: ['arm64'], os: ['darwin'] }],
  ])('%s names its platform', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
