/** The versions of rows, of which a row of another store wants the latest. @module */

import type { KernelMemory } from '../../core/memory.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import type { Arena } from '../arena.ts';
import type { KeptRows } from './kept-rows.ts';
import type { LatestFunctions } from './latest-code.ts';
import { buildLatestModule, latestModuleKey } from './latest-code.ts';
import type { PageSource } from './page-source.ts';

/** A record in which every column is null, and none that is found. */
function nullRecord(arena: Arena, pages: PageSource, versions: KeptRows): number {
  const { nullsAt, nullWords, cellsAt, fixedBytes } = versions.kernel.shape.layout;
  const { words } = arena;
  const record = pages.take(1) * 8;
  words.fill(0, record / 4, (record + fixedBytes) / 4);
  words.fill(-1, (record + nullsAt) / 4, (record + nullsAt) / 4 + nullWords);
  if (cellsAt !== undefined) words[(record + cellsAt) / 4] = fixedBytes / 8;
  return record;
}

/** Finds versions in one store for the rows of another; both are timed, and lie in one arena. */
export class LatestRows {
  /** The record that stands for none. */
  readonly none: number;
  readonly #versions: KeptRows;
  readonly #code: LatestFunctions;

  /** @param rows - are found by keys of the same types */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    pages: PageSource,
    rows: KeptRows,
    versions: KeptRows,
  ) {
    const { layout, keys } = rows.kernel.shape;
    const shape = { versions: versions.kernel.shape, keys: keys.map((k) => layout.fields[k]!) };
    const module = compileModule(latestModuleKey(shape), () => buildLatestModule(shape));
    const exports: unknown = instantiate(module, memory, { state: arena.memory });
    this.#code = exports as LatestFunctions;
    this.#versions = versions;
    this.none = nullRecord(arena, pages, versions);
  }

  /**
   * Finds, for `rows[0 .. count)`, the version of the key with the largest time that is not beyond the
   * row's own, and whose mark is not: of several the one that was kept last.
   *
   * @param toleranceUs - how much earlier it may be
   * @param found - gets records, {@link none} where there is none
   */
  find(rows: Int32Array, count: number, toleranceUs: DurationUs, found: Int32Array): void {
    const { block } = this.#versions.kernel;
    const { byteOffset } = found;
    this.#code.latest(block, rows.byteOffset, count, toleranceUs, this.none, byteOffset);
  }

  /** Removes what the versions `listed[0 .. count)` take the place of for all rows from `nowUs` on. */
  supersede(listed: Int32Array, count: number, nowUs: TimeUs): void {
    const { block } = this.#versions.kernel;
    const bytes = this.#code.supersede(block, listed.byteOffset, count, nowUs);
    if (bytes > 0) this.#versions.countRemoved(bytes);
  }
}
