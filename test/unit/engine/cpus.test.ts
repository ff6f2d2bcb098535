import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { availableCores, cgroupCores } from '../../../src/engine/cpus.ts';

const files =
  (content: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    content[path];

test.each([
  ['no control group', {}, undefined],
  ['version 2 without a quota', { '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, undefined],
  ['version 2', { '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, 1.5],
  [
    'version 2, own group first',
    {
      '/proc/self/cgroup': '0::/app.slice\n',
      '/sys/fs/cgroup/app.slice/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/cpu.max': '800000 100000\n',
    },
    2,
  ],
  [
    'version 1',
    {
      '/proc/self/cgroup': '5:cpu,cpuacct:/box\n3:memory:/box\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
    },
    3,
  ],
  ['version 1 without a quota', { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n' }, undefined],
])('%s', (_name, content, cores) => {
  expect(cgroupCores(files(content as Record<string, string>))).toBe(cores);
});

test('a fraction of a core is one core, and a quota never adds cores', () => {
  expect(availableCores(files({ '/sys/fs/cgroup/cpu.max': '50000 100000' }))).toBe(1);
  expect(availableCores(files({ '/sys/fs/cgroup/cpu.max': '99900000 100000' }))).toBe(
    availableParallelism(),
  );
});
