/** User code that misbehaves: the run ends soon, says where, and leaves nothing behind. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MillraceError, StartOptions } from '../../src/index.ts';
import { activeResources, expectNothingActive, failureOf } from '../support/failures.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { startScript } from '../support/script.ts';
import { until, within } from '../support/until.ts';

/** From the fault to the error: five seconds, and as many more as a crowded host may take to give a loop a quarter of a second. */
const LIMIT_MS = 15_000;

let workspace: Workspace;
let resources: string[];
beforeEach(() => {
  workspace = new Workspace();
  resources = activeResources();
});
afterEach(() => workspace[Symbol.dispose]());

const SCHEMA = { id: 'int64' };

function topology(operator: object, count = 5000): object {
  return {
    version: 1,
    name: 'faulty',
    sources: {
      numbers: {
        connector: 'generator',
        count,
        schema: SCHEMA,
        fields: { id: { sequence: {} } },
      },
    },
    operators: {
      faulty: {
        type: 'module',
        input: 'numbers',
        module: './user.js',
        export: 'user',
        schema: SCHEMA,
        ...operator,
      },
      after: { type: 'map', input: 'faulty', select: { '*': true } },
    },
    sinks: {
      results: { connector: 'file', input: 'after', path: 'out.csv' },
      others: { connector: 'file', input: 'numbers', path: 'others.jsonl' },
    },
    engine: { placement: { pin: { after: 1 } } },
  };
}

/** The module calls `started()` when it begins to misbehave. */
function writeModule(source: string, name = 'user.js'): void {
  const prelude = `import { writeFileSync } from 'node:fs';
const started = () => writeFileSync(${JSON.stringify(path.join(workspace.directory, 'started'))}, String(Date.now()));
`;
  writeFileSync(path.join(workspace.directory, name), prelude + source);
}

/** Runs the topology; checks all that holds for every fault, and gives the error. */
async function fault(operator: object = {}, options: StartOptions = {}): Promise<MillraceError> {
  workspace.write('out.csv', 'old\n');
  const error = await failureOf(topology(operator), workspace, { workers: 2, ...options });
  const endedMs = Date.now();
  expect(error.node ?? error.issues[0]?.pointer, error.message).toMatch(
    /^faulty$|^\/operators\/faulty\//,
  );
  if (workspace.files().includes('started')) {
    expect(endedMs - Number(workspace.read('started'))).toBeLessThan(LIMIT_MS);
  }
  expect(workspace.read('out.csv')).toBe('old\n');
  const left = workspace
    .files()
    .filter((name) => !/^(out\.csv|started|.*\.js|node_modules)$/.test(name));
  expect(left, 'files left behind').toEqual([]);
  await expectNothingActive(resources);
  return error;
}

/** The same process can run another engine. */
async function expectUsable(): Promise<void> {
  writeModule('export const user = (row) => row;');
  const summary = await runToEnd(topology({}, 100), workspace, { workers: 2 });
  expect(summary.sinks).toEqual({ results: { rows: 100 }, others: { rows: 100 } });
  expect(workspace.sortedLines('out.csv')).toHaveLength(100);
}

describe('a function that', () => {
  test('throws ends the run with what it threw', async () => {
    writeModule(`export const user = ({ id }) => {
      if (id < 3000n) return { id };
      started();
      throw new RangeError('boom at ' + id);
    };`);
    const error = await fault();
    expect(error).toMatchObject({ code: 'ERR_USER_CODE', domain: 'user' });
    expect(error.message).toContain('boom at 3000');
    // Where in the user's own file.
    const trace = `${error.stack}\n${(error.cause as Error | undefined)?.stack}`;
    expect(trace).toContain('user.js');
    await expectUsable();
  });

  test.each([
    ['null', 'null'],
    ['undefined', 'undefined'],
    ['an object without a prototype', 'Object.create(null)'],
    ['an object that cannot be shown', "{ toString() { throw new Error('no') } }"],
    ['a symbol', "Symbol('s')"],
  ])('throws %s', async (_, thrown) => {
    writeModule(`export const user = () => { throw ${thrown}; };`);
    expect(await fault()).toMatchObject({ code: 'ERR_USER_CODE' });
  });

  test('recurses without end', async () => {
    writeModule('export const user = (row) => user(row) ?? row;');
    expect(await fault()).toMatchObject({ code: 'ERR_USER_CODE' });
  });

  test.each([
    ['a number', '5'],
    ['a row with a wrong type', "{ id: 'x' }"],
    ['a row that throws when it is read', "({ get id() { throw new Error('hidden'); } })"],
    ['a list with something else in it', '[{ id: 1n }, 7]'],
    ['a promise', 'Promise.resolve({ id: 1n })'],
    ['a promise that rejects', "Promise.reject(new Error('later'))"],
  ])('returns %s', async (_, value) => {
    writeModule(`export const user = () => (${value});`);
    expect(await fault()).toMatchObject({ code: 'ERR_USER_CODE' });
  });

  test('leaves a rejected promise behind', async () => {
    writeModule(`export const user = (row) => {
      if (row.id === 3000n) { started(); void Promise.reject(new Error('nobody waits for me')); }
      return row;
    };`);
    const error = await fault();
    expect(error.message).toContain('nobody waits for me');
    await expectUsable();
  });

  test('exits the process', async () => {
    writeModule(`export const user = () => { started(); process.exit(0); };`);
    expect(await fault()).toMatchObject({ code: 'ERR_WORKER_LOST', domain: 'internal' });
    await expectUsable();
  });

  test('loops for ever', async () => {
    writeModule(`export const user = (row) => {
      if (row.id < 3000n) return row;
      started();
      while (true);
    };`);
    expect(await fault()).toMatchObject({ code: 'ERR_WORKER_LOST' });
    await expectUsable();
  });

  test('fills the heap', async () => {
    writeModule(`const kept = [];
    export const user = (row) => {
      started();
      // Not new Array(1000).fill(row): V8 cannot interrupt a loop of array built-ins alone.
      while (true) kept.push({ row, position: kept.length });
    };`);
    const error = await fault({}, { maxHeapMiB: 48 });
    expect(error).toMatchObject({ code: 'ERR_WORKER_LOST' });
    expect(error.message).toContain('heap');
    await expectUsable();
  });

  test('keeps every row until the heap is full', async () => {
    writeModule(`const kept = [];
    export const user = (row) => {
      for (let i = 0; i < 1000; i++) kept.push({ ...row, i });
      return row;
    };`);
    const error = await fault({}, { maxHeapMiB: 48 });
    expect(error).toMatchObject({ code: 'ERR_WORKER_LOST' });
    // A worker that does nothing but collect garbage may be silent before it can be measured.
    expect(error.message).toMatch(/heap|did not answer/);
  });
});

describe('a module that', () => {
  test('loops for ever while it is loaded', async () => {
    writeModule('started(); while (true);');
    expect(await fault()).toMatchObject({ code: 'ERR_WORKER_LOST' });
    await expectUsable();
  });

  test('waits for ever while it is loaded', async () => {
    writeModule('started(); await new Promise(() => setInterval(() => {}, 1000));');
    await fault();
    await expectUsable();
  });

  test('exits while it is loaded', async () => {
    writeModule('started(); process.exit(1);');
    expect(await fault()).toMatchObject({ code: 'ERR_WORKER_LOST' });
  });

  test.each([
    ['throws', "throw new Error('not today');", 'not today'],
    ['does not parse', 'export const user = (;', 'Unexpected token'],
    ['imports what is not there', "import './missing.js';", 'missing.js'],
  ])('%s', async (_, source, says) => {
    writeModule(source);
    const error = await fault();
    expect(error.code).toBe('ERR_USER_CODE');
    expect(error.message).toContain(says);
  });

  test('lacks the export', async () => {
    writeModule('export const score = (row) => row; export default 5;');
    const error = await fault();
    expect(error.code).toBe('ERR_USER_CODE');
    expect(error.message).toContain("'user'");
    expect(error.message).toContain('score');
  });

  test('exports something that is no function', async () => {
    writeModule('export const user = { id: 1 };');
    expect(await fault()).toMatchObject({ code: 'ERR_USER_CODE' });
  });
});

describe('a path to a module that', () => {
  test('is not there is refused before anything starts', async () => {
    const error = await fault({ module: './missing.js' });
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.issues.map(({ pointer }) => pointer)).toEqual(['/operators/faulty/module']);
  });

  test.each(['above', 'absolute', 'a link to a file', 'a link to a folder'])(
    'leads out of the folder (%s) is refused, and the file is not run',
    async (kind) => {
      using outside = new Workspace();
      const evil = outside.write(
        'evil.mjs',
        `import { writeFileSync } from 'node:fs';
        writeFileSync(${JSON.stringify(path.join(outside.directory, 'ran'))}, '');
        export const user = (row) => row;`,
      );
      mkdirSync(path.join(workspace.directory, 'node_modules'));
      const module = {
        above: path.relative(workspace.directory, evil),
        absolute: evil,
        'a link to a file': './link.js',
        'a link to a folder': './node_modules/link/evil.mjs',
      }[kind]!;
      if (kind === 'a link to a file') {
        symlinkSync(evil, path.join(workspace.directory, 'link.js'));
      }
      if (kind === 'a link to a folder') {
        symlinkSync(outside.directory, path.join(workspace.directory, 'node_modules/link'));
      }
      const error = await fault({ module });
      expect(['ERR_USER_CODE', 'ERR_TOPOLOGY_INVALID']).toContain(error.code);
      expect(error.message).toContain('outside');
      expect(outside.files()).toEqual(['evil.mjs']);
    },
  );

  test('is within the folder by way of .. and has dots in its name', async () => {
    mkdirSync(path.join(workspace.directory, '..data'));
    writeModule('export const user = (row) => row;', '..data/user.js');
    const summary = await runToEnd(topology({ module: './x/../..data/user.js' }, 10), workspace, {
      workers: 1,
      overrides: [{ pointer: '/engine/placement/pin', valueText: '{}' }],
    });
    expect(summary.sinks['results']).toEqual({ rows: 10 });
  });
});

describe('a process of its own', () => {
  const start = (document: object, more = ''): string => `
    const engine = await Millrace.start(${JSON.stringify(document)}, { workers: 2 });
    try {
      await engine.completed;
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, node: error.node }));
    }
    ${more}`;

  test.each([
    ['loops for ever', 'while (true);', 'ERR_WORKER_LOST'],
    ['throws', "throw new Error('x');", 'ERR_USER_CODE'],
    ['exits', 'process.exit(7);', 'ERR_WORKER_LOST'],
  ])('ends by itself when user code %s, without stop', async (_, body, code) => {
    writeModule(`export const user = () => { ${body} };`);
    const { ended } = startScript(workspace, start(topology({})));
    const { status, out, err } = await within(ended, 'the process', 30_000);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({ code, node: 'faulty' });
    expect(status).toBe(0);
  });

  test('ends by itself after a completed run', async () => {
    writeModule('export const user = (row) => row;');
    const { ended } = startScript(
      workspace,
      start(topology({}), 'console.log(engine.summary().status);'),
    );
    expect(await within(ended, 'the process', 30_000)).toEqual({
      status: 0,
      signal: null,
      out: 'completed\n',
      err: '',
    });
  });

  test('killed in the middle of a run leaves the old output as it was', async () => {
    writeModule('export const user = (row) => row;');
    workspace.write('out.csv', 'old\n');
    const { child, ended } = startScript(workspace, start(topology({}, 1_000_000_000)));
    const before = ['main.mts', 'out.csv', 'user.js'];
    const written = (): number =>
      workspace
        .files()
        .filter((name) => !before.includes(name))
        .reduce((sum, name) => sum + workspace.readBytes(name).length, 0);
    await until(() => written() > 100_000, 'the run writes its output');
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    expect(workspace.read('out.csv')).toBe('old\n');
    expect(workspace.files()).not.toContain('others.jsonl');
    // What it left behind does not keep the next run from its work.
    await expectUsable();
  });
});
