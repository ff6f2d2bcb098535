/** DuckDB on one thread, in this process, where it is installed. @module */

import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Answer, KernelSubject } from './subject.ts';

/** A column of a table: its SQL type and its values. */
export interface DuckColumn {
  readonly type: 'DOUBLE' | 'INTEGER' | 'BIGINT' | 'VARCHAR';
  readonly values: ArrayLike<number | bigint | string>;
}

/** SQL in which `$table` stands for the table. */
interface DuckQueries {
  /** What is timed. */
  readonly query: string;
  /** Gives one row of numbers. */
  readonly answerQuery: string;
  /** Makes the answer for the rows once of that for the rows `repeats` times. */
  readonly perPass?: ((answer: Answer, repeats: number) => Answer) | undefined;
}

const divide = (answer: Answer, repeats: number): Answer => answer.map((value) => value / repeats);

/** CPU time of the process: DuckDB works on a thread of its own. */
function processCpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** One database in memory; opened when first asked for. */
export class DuckDb {
  #connection: Promise<DuckDBConnection | undefined> | undefined;
  #instance: DuckDBInstance | undefined;
  #tables = 0;

  /** A subject that queries the columns, each row `repeats` times; none where DuckDB is not there. */
  async subjects(
    columns: Readonly<Record<string, DuckColumn>>,
    repeats: number,
    { query, answerQuery, perPass = divide }: DuckQueries,
  ): Promise<KernelSubject[]> {
    const connection = await this.#connect();
    if (connection === undefined) return [];
    const table = `t${this.#tables++}`;
    const rows = (await fill(connection, table, columns, repeats)) * repeats;
    const onTable = (sql: string): string => sql.replaceAll('$table', table);
    const timed = await timedSubject(connection, onTable(query), rows);
    return [
      {
        ...timed,
        answer: async () => perPass(await rowOf(connection, onTable(answerQuery)), repeats),
        close: async () => {
          await timed.close();
          await connection.run(`DROP TABLE ${table}`);
        },
      },
    ];
  }

  /** A subject that runs a query over what it names; its one row of numbers is the answer. */
  async subjectOf(query: string, rows: number): Promise<KernelSubject[]> {
    const connection = await this.#connect();
    if (connection === undefined) return [];
    const timed = await timedSubject(connection, query, rows);
    return [{ ...timed, answer: () => rowOf(connection, query) }];
  }

  #connect(): Promise<DuckDBConnection | undefined> {
    return (this.#connection ??= this.#open());
  }

  close(): void {
    this.#instance?.closeSync();
  }

  async #open(): Promise<DuckDBConnection | undefined> {
    try {
      const { DuckDBInstance } = await import('@duckdb/node-api');
      this.#instance = await DuckDBInstance.create(':memory:', { threads: '1' });
      return await this.#instance.connect();
    } catch {
      // Not installed, or not for this platform.
      return undefined;
    }
  }
}

/** The one row of a query's result. */
async function rowOf(connection: DuckDBConnection, sql: string): Promise<Answer> {
  return (await connection.runAndReadAll(sql)).getRows()[0]!.map(Number);
}

/** A subject without an answer yet. */
async function timedSubject(
  connection: DuckDBConnection,
  sql: string,
  rows: number,
): Promise<Omit<KernelSubject, 'answer'> & { close(): void }> {
  const statement = await connection.prepare(sql);
  const run = async (passes: number): Promise<number> => {
    const start = processCpuNs();
    for (let i = 0; i < passes; i++) await statement.run();
    return processCpuNs() - start;
  };
  return { name: 'duckdb', rows, run, close: () => statement.destroySync() };
}

/** Fills a table; the rows of the columns. */
async function fill(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, DuckColumn>>,
  repeats: number,
): Promise<number> {
  const { DuckDBDataChunk, DOUBLE, INTEGER, BIGINT, VARCHAR } = await import('@duckdb/node-api');
  const types = { DOUBLE, INTEGER, BIGINT, VARCHAR };
  const fields = Object.entries(columns);
  const declared = fields.map(([name, { type }]) => `${name} ${type}`).join();
  const rows = fields[0]![1].values.length;
  await connection.run(`CREATE TABLE ${table} (${declared})`);
  const appender = await connection.createAppender(table);
  const vectorRows = 2048;
  for (let from = 0; from < rows; from += vectorRows) {
    const chunk = DuckDBDataChunk.create(fields.map(([, { type }]) => types[type]));
    const to = Math.min(rows, from + vectorRows);
    chunk.setColumns(
      fields.map(([, { type, values }]) =>
        Array.from({ length: to - from }, (_, i) => {
          const value = values[from + i]!;
          return type === 'BIGINT' ? BigInt(value) : value;
        }),
      ),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const copies = repeats - 1;
  await connection.run(`INSERT INTO ${table} SELECT t.* FROM ${table} t, range(${copies})`);
  return rows;
}
