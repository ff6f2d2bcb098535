/** A lookup as a part of a topology: its table is a file, read before rows flow. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../support/failures.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
  workspace.write('orders.csv', 'id,item\n1,pen\n2,ink\n3,pad\n4,\n5,pen\n');
  workspace.write('prices.jsonl', '{"name":"pen","price":1.5}\n{"price":2,"name":"ink"}\n');
});
afterEach(() => workspace[Symbol.dispose]());

function topology(lookup: object = {}): object {
  return {
    version: 1,
    name: 'priced',
    sources: {
      orders: {
        connector: 'file',
        path: 'orders.csv',
        schema: { id: 'int32', item: 'string' },
      },
    },
    operators: {
      priced: {
        type: 'lookup',
        input: 'orders',
        table: { path: 'prices.jsonl', schema: { name: 'string', price: 'float64' } },
        on: { item: 'name' },
        ...lookup,
      },
    },
    sinks: { out: { connector: 'file', input: 'priced', path: 'out.csv' } },
  };
}

describe('a lookup', () => {
  test.each([
    ['inner', ['1,pen,1.5', '2,ink,2', '5,pen,1.5']],
    ['left', ['1,pen,1.5', '2,ink,2', '3,pad,', '4,,', '5,pen,1.5']],
  ])('%s gives its rows, wherever it runs', async (kind, rows) => {
    for (const worker of [0, 1]) {
      const document = {
        ...topology({ kind }),
        engine: { placement: { pin: { priced: worker } } },
      };
      await runToEnd(document, workspace, { workers: 2 });
      expect(workspace.sortedLines('out.csv')).toEqual(rows);
    }
  });

  test('whose table is not there is refused before anything starts', async () => {
    const table = { path: 'nowhere.csv', schema: { name: 'string' } };
    const error = await failureOf(topology({ table }), workspace);
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.issues.map(({ pointer }) => pointer)).toEqual(['/operators/priced/table/path']);
  });

  test.each([
    [{ table: { path: 'prices', schema: { name: 'string' } } }, '/operators/priced/table'],
    [
      { table: { path: 'p.jsonl', delimiter: ';', schema: { name: 'string' } } },
      '/operators/priced/table/delimiter',
    ],
    [{ table: { path: 'p.csv', schema: {} } }, '/operators/priced/table/schema'],
    [{ on: {} }, '/operators/priced/on'],
    [{ on: [] }, '/operators/priced/on'],
    [{ on: ['item'] }, '/operators/priced/on/0'],
    [{ on: { itm: 'name' } }, '/operators/priced/on/itm'],
    [{ kind: 'right' }, '/operators/priced/kind'],
  ])('that says %j is refused at %s', async (lookup, pointer) => {
    const error = await failureOf(topology(lookup), workspace);
    expect(error.code).toBe('ERR_TOPOLOGY_INVALID');
    expect(error.issues.map((issue) => issue.pointer)).toContain(pointer);
  });

  test('whose table has a row in error names it, and the file', async () => {
    workspace.write('prices.jsonl', '{"name":"pen","price":1.5}\n{"name":"pen","price":2}\n');
    const error = await failureOf(topology(), workspace, { workers: 1 });
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', node: 'priced' });
    expect(error.message).toContain('prices.jsonl');
  });
});
