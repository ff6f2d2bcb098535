/** Lookups that ask a server, as they would ask a database: batches, a cache, time limits, and servers that fail. */

import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MillraceError } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { until } from '../support/until.ts';

/** One connection for each task; requests and answers have numbers, since several are under way. */
const CLIENT = `
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export async function open({ port }, { node, keys, columns }) {
  const socket = connect(port);
  const waiting = new Map();
  let last = 0;
  createInterface({ input: socket }).on('line', (line) => {
    const { id, rows, error } = JSON.parse(line);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(rows);
    else reject(Object.assign(new Error(error.message), error));
  });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    lookup(wanted) {
      const id = ++last;
      const { promise, resolve, reject } = Promise.withResolvers();
      waiting.set(id, { resolve, reject });
      socket.write(JSON.stringify({ id, node, keys, columns, wanted }) + '\\n');
      return promise;
    },
    close() {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.end();
      return closed;
    },
  };
}
`;

interface Request {
  readonly id: number;
  readonly node: string;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly wanted: readonly { readonly item: string }[];
}
/** What the server does with a request: gives these rows, or says nothing. */
type Behaviour = (request: Request, number: number) => object | undefined;

const rowsOf = ({ wanted }: Request): object => ({
  rows: wanted
    .filter(({ item }) => !item.endsWith('9'))
    .map(({ item }) => ({
      item,
      price: item.length + Number(item.slice(5)),
      extra: 'is not looked at',
    }))
    // In whatever order a database has them.
    .toReversed(),
});

let workspace: Workspace;
let server: Server;
let requests: Request[];
let most: number;
let closed: number;
let behaviour: Behaviour;
/** So many requests have come before the first is answered. */
let together: number;

beforeEach(async () => {
  workspace = new Workspace();
  workspace.write('client.mjs', CLIENT);
  requests = [];
  behaviour = rowsOf;
  together = 1;
  most = 0;
  closed = 0;
  server = createServer((socket: Socket) => {
    let open = 0;
    socket.once('close', () => closed++);
    createInterface({ input: socket }).on('line', (line) => {
      const request = JSON.parse(line) as Request;
      const answer = behaviour(request, requests.push(request));
      most = Math.max(most, ++open);
      const respond = (): void => {
        open--;
        if (answer !== undefined)
          socket.write(`${JSON.stringify({ id: request.id, ...answer })}\n`);
      };
      void until(() => requests.length >= together, 'requests').then(() => setTimeout(respond, 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  workspace[Symbol.dispose]();
});

const ROWS = 3000;
const ITEMS = 400;
const itemOf = (row: number): string => `item ${(row * 7) % ITEMS}`;

function run(lookup: object = {}): Promise<unknown> {
  const lines = Array.from({ length: ROWS }, (_, i) => `${i},${i % 100 === 50 ? '' : itemOf(i)}\n`);
  workspace.write('orders.csv', `id,item\n${lines.join('')}`);
  const document = {
    version: 1,
    name: 'priced',
    sources: {
      orders: { connector: 'file', path: 'orders.csv', schema: { id: 'int32', item: 'string' } },
    },
    operators: {
      priced: {
        type: 'lookup',
        input: 'orders',
        module: './client.mjs',
        export: 'open',
        options: { port: (server.address() as AddressInfo).port },
        schema: { item: 'string', price: 'float64' },
        on: ['item'],
        kind: 'left',
        batch: 100,
        ...lookup,
      },
    },
    sinks: { out: { connector: 'file', input: 'priced', path: 'out.csv' } },
    engine: { workers: 1 },
  };
  // What is undefined is not there.
  return runToEnd(JSON.parse(JSON.stringify(document)) as object, workspace);
}

function expected(): string[] {
  return Array.from({ length: ROWS }, (_, i) => {
    if (i % 100 === 50) return `${i},,`;
    const item = itemOf(i);
    const price = item.endsWith('9') ? '' : String(item.length + Number(item.slice(5)));
    return `${i},${item},${price}`;
  }).toSorted();
}

test('rows get what the server has, many keys at a time', async () => {
  together = 2;
  await run({ calls: 3, cache: { size: '1MiB' } });
  expect(workspace.sortedLines('out.csv')).toEqual(expected());
  // Each key once: answers are kept, also that there is none.
  const wanted = requests.flatMap((request) => request.wanted.map(({ item }) => item));
  const items = new Set(expected().map((line) => line.split(',')[1]!));
  items.delete('');
  expect(wanted.toSorted()).toEqual([...items].toSorted());
  expect(Math.max(...requests.map((request) => request.wanted.length))).toBe(100);
  expect(requests[0]).toMatchObject({ node: 'priced', keys: ['item'], columns: ['item', 'price'] });
  expect([most > 1, most <= 3]).toEqual([true, true]);
  await until(() => closed === 1, 'the connection is closed');
});

test('a server that fails is asked again', async () => {
  behaviour = (request, number) => {
    if (number % 4 === 1) return { error: { message: 'a deadlock', sqlState: '40001' } };
    return number % 4 === 3 ? undefined : rowsOf(request);
  };
  const retry = { times: 20, delay: '1ms', states: ['40001', 'TIMEOUT'] };
  await run({ retry, timeout: '50ms', cache: { size: '1MiB', ttl: '1h' } });
  expect(workspace.sortedLines('out.csv')).toEqual(expected());
});

test('a server that goes on failing ends the run, or sends rows to the errors', async () => {
  behaviour = (request) =>
    request.wanted.some(({ item }) => item === 'item 7')
      ? { error: { message: 'no such table', code: '42P01' } }
      : rowsOf(request);
  const retry = { times: 3, delay: '1ms', states: ['40001'] };
  const failed = (await run({ retry }).catch((error: unknown) => error)) as MillraceError;
  expect(failed).toMatchObject({ code: 'ERR_USER_CODE', node: 'priced' });
  expect(failed.message).toContain(
    'could not be looked up: no such table (42P01), after 1 call; the row is {"id":',
  );
  expect(failed.message).toMatch(/the key \{"item":"item \d+"\}/);
  await until(() => closed === 1, 'the connection is closed');

  await run({ onError: 'skip', batch: 1, calls: 64, retry });
  expect(workspace.sortedLines('out.csv')).toEqual(
    expected().filter((line) => line.split(',')[1] !== 'item 7'),
  );
});

test.each([
  [{ module: undefined }, "expected either 'table' or 'module', found neither"],
  [
    { module: undefined, table: { path: 'x.csv', schema: { item: 'string' } } },
    "'batch' goes with 'module'",
  ],
  [{ schema: undefined }, "expected the columns of the rows that './client.mjs' finds"],
  [{ schema: { item: 'string', id: 'int32' } }, "'orders' has a column 'id' as well"],
])('a document without sense is refused (%#)', async (lookup, message) => {
  await expect(run(lookup)).rejects.toThrow(message);
});
