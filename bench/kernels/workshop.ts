/** What the cases of a run share: a folder for data, compiled peers, the scale of things. @module */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CppPeers } from './cpp-peer.ts';
import { type DuckColumn, DuckDb } from './duckdb-peer.ts';
import type { Answer, KernelSubject } from './subject.ts';

/** Rows of a batch. */
export const BATCH_ROWS = 1024;

/** Of any case: they all lie in memory. */
const MOST_ROWS = 1 << 24;

/** How much to measure with. */
export interface Scale {
  /** Batches that a case cycles over. */
  readonly batches: number;
  /** Rows of DuckDB's tables: enough to make the planning of a query not count. */
  readonly tableRows: number;
  /** Rows for each key where keys are many. */
  readonly rowsPerKey: number;
  /** Rows of a pass of the whole engine: some windows of the pipeline. */
  readonly pipelineRows: number;
  /** Bytes of text to decode. */
  readonly textBytes: number;
  /** Whether peers that are programs of their own take part: C++, DuckDB. */
  readonly hasPrograms: boolean;
}

/** Shared by the cases of a run. */
export class Workshop {
  readonly scale: Scale;
  readonly #cpp: CppPeers;
  readonly #duckdb = new DuckDb();
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-kernels-'));
  #folders = 0;

  constructor(scale: Scale) {
    this.scale = scale;
    this.#cpp = new CppPeers(this.#folder);
  }

  /** Rows that a case cycles over. */
  get rows(): number {
    return this.scale.batches * BATCH_ROWS;
  }

  /** Rows in which a large number of keys is found: whole batches. */
  rowsFor(keys: number): number {
    const rows = Math.min(MOST_ROWS, keys * this.scale.rowsPerKey);
    return Math.ceil(rows / BATCH_ROWS) * BATCH_ROWS;
  }

  /** The variants of a C++ peer, see {@link CppPeers.subjects}; none where there is no compiler. */
  async cpp(
    name: string,
    args: readonly (string | number)[],
    rows: number,
  ): Promise<KernelSubject[]> {
    return this.scale.hasPrograms ? await this.#cpp.subjects(name, args, rows) : [];
  }

  /**
   * DuckDB, see {@link DuckDb.subjects}, with the rows so often that planning a query does not count;
   * nobody where it is not installed.
   */
  async duckdb(
    columns: Readonly<Record<string, DuckColumn>>,
    query: string,
    answerQuery = query,
    perPass?: (answer: Answer, repeats: number) => Answer,
  ): Promise<KernelSubject[]> {
    if (!this.scale.hasPrograms) return [];
    const [{ values }] = Object.values(columns) as [DuckColumn];
    const repeats = Math.max(1, Math.round(this.scale.tableRows / values.length));
    return await this.#duckdb.subjects(columns, repeats, { query, answerQuery, perPass });
  }

  /** DuckDB with the rows once, where more of them would be another question. */
  async duckdbOnce(
    columns: Readonly<Record<string, DuckColumn>>,
    query: string,
  ): Promise<KernelSubject[]> {
    if (!this.scale.hasPrograms) return [];
    return await this.#duckdb.subjects(columns, 1, { query, answerQuery: query });
  }

  /** DuckDB on a file that the query names; see {@link duckdb}. */
  async duckdbOnFile(query: string, rows: number): Promise<KernelSubject[]> {
    return this.scale.hasPrograms ? await this.#duckdb.subjectOf(query, rows) : [];
  }

  /** Compiles everything now, so that no compiler runs while something is measured. */
  async compile(names: Iterable<string>): Promise<void> {
    if (this.scale.hasPrograms)
      await Promise.all([...names].map((name) => this.#cpp.program(name)));
  }

  /** Writes columns to files of their names in a folder of their own: how programs get the data. */
  writeColumns(columns: Readonly<Record<string, ArrayBufferView>>): string {
    const folder = join(this.#folder, `data-${this.#folders++}`);
    mkdirSync(folder);
    for (const [name, values] of Object.entries(columns)) {
      writeFileSync(join(folder, name), values as Uint8Array);
    }
    return folder;
  }

  close(): void {
    this.#duckdb.close();
    rmSync(this.#folder, { recursive: true });
  }
}
