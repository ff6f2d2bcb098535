/**
 * Kernels for the shapes of lines that a file turned out to have. A line that no kernel took and
 * TypeScript decoded shows what the next ones may look like.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { equalsAt } from '../../../rows/values/cell-parse.ts';
import type { DecoderContext } from '../codec.ts';
import type { InputWindow } from '../input-window.ts';
import { BackOff } from '../kernels/back-off.ts';
import type { JsonShape } from '../kernels/jsonl.ts';
import { buildJsonlModule, textBytes, writeTexts } from '../kernels/jsonl.ts';
import { hasKernelType, makeBlock, MOST_KERNEL_COLUMNS, RowKernel } from '../kernels/row-kernel.ts';
import { shapeOf } from './shape.ts';

/** Shapes that have kernels at a time, and over the length of a file: each takes compiling. */
const MOST_SHAPES = 8;
const MOST_KERNELS = 16;
/** Lines that show no new shape are looked at less and less often: so many go by at most. */
const MOST_PASSED_LINES = 1023;

interface ShapeKernel {
  readonly name: string;
  readonly kernel: RowKernel;
}

/** The kernels of one file. */
export class ShapeKernels {
  readonly #context: DecoderContext;
  readonly #memory: KernelMemory;
  readonly #names: readonly Uint8Array[];
  /** The one that fitted last comes first. */
  readonly #known: ShapeKernel[] = [];
  readonly #backOff = new BackOff(MOST_PASSED_LINES);
  #made = 0;

  constructor(context: DecoderContext, memory: KernelMemory) {
    const encoder = new TextEncoder();
    this.#context = context;
    this.#memory = memory;
    this.#names = context.schema.map(({ name }) => encoder.encode(name));
  }

  /** See `RowParser.parsePlain`. */
  decode(window: InputWindow, batch: Batch, row: number): number {
    const known = this.#known;
    let next = row;
    for (let i = 0; i < known.length;) {
      const shape = known[i]!;
      const rows = shape.kernel.decode(window, batch, next);
      if (rows === 0) {
        i++;
        continue;
      }
      next += rows;
      for (let j = i; j > 0; j--) known[j] = known[j - 1]!;
      known[0] = shape;
      // It stopped at a line of another shape.
      i = 1;
    }
    return next - row;
  }

  /** Learns from the good line `bytes[from, to)`, its line feed included. */
  learn(bytes: Uint8Array, from: number, to: number): void {
    if (this.#made >= MOST_KERNELS || this.#backOff.passes()) return;
    const shape = shapeOf(bytes, from, to, (start, end) => this.#columnOf(bytes, start, end));
    const name = shape === undefined ? '' : nameOf(shape);
    if (shape === undefined || this.#known.some((known) => known.name === name)) {
      this.#backOff.failed();
      return;
    }
    this.#backOff.succeeded();
    if (this.#known.length === MOST_SHAPES) this.#known.pop();
    this.#known.unshift({ name, kernel: this.#make(shape) });
    this.#made++;
  }

  #make(shape: JsonShape): RowKernel {
    const { schema, timeColumn } = this.#context;
    const block = makeBlock(this.#memory, schema.length, textBytes(shape));
    writeTexts(shape, schema.length, block);
    const texts = shape.texts.map((text) => [text.length, text[0]]);
    const types = schema.map(({ type }) => type);
    const key = `jsonl ${JSON.stringify([types, timeColumn, shape.targets, texts])}`;
    const build = () => buildJsonlModule(schema, timeColumn, shape);
    return new RowKernel(this.#memory, key, build, block);
  }

  #columnOf(bytes: Uint8Array, from: number, to: number): number {
    return this.#names.findIndex((name) => equalsAt(bytes, from, to, name));
  }
}

/** Two shapes have one name only if they are the same. */
function nameOf({ texts }: JsonShape): string {
  return texts.map((text) => `${text.length}:${Buffer.from(text).toString('latin1')}`).join('');
}

/** The kernels for a file of lines; undefined where there can be none. */
export function makeShapeKernels(context: DecoderContext): ShapeKernels | undefined {
  const { schema, memory } = context;
  const isSmall = schema.length > 0 && schema.length <= MOST_KERNEL_COLUMNS;
  if (memory === undefined || !isSmall || !schema.every(hasKernelType)) return undefined;
  return new ShapeKernels(context, memory);
}
