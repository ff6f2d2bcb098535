/** What `unnest` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { PackedMembers } from '../../rows/packed/packed-members.ts';
import {
  listStart,
  objectStart,
  packedCount,
  packedEnd,
  UNSURE,
  writePacked,
} from '../../rows/packed/packed-value.ts';
import { decodeJson } from '../../rows/values/json.ts';
import { type Expansion, ExpandingKernel, writeValues } from '../expanding-kernel.ts';
import { elementValues, isObject, kindOf } from '../json-values.ts';
import type { UnnestConfig } from './spec.ts';

/** Makes the kernel of an `unnest`. */
export function createUnnestKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as UnnestConfig;
  return new ExpandingKernel(plan, context, config.kept, new Elements(config));
}

const NO_BYTES = new Uint8Array(0);

/** The elements of one list after the other. */
class Elements implements Expansion {
  readonly isOneToOne = false;
  readonly #config: UnnestConfig;
  readonly #members: PackedMembers;
  /** Whether an object may be the value of the only column. */
  readonly #takesObjects: boolean;
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;
  #count = 0;
  #next = 0;
  /** One row of nulls is to be given. */
  #isBare = false;

  constructor(config: UnnestConfig) {
    const { columns } = config;
    this.#config = config;
    this.#members = new PackedMembers(columns);
    this.#takesObjects = columns.length === 1 && columns[0]!.type.kind === 'json';
  }

  begin(batch: Batch, row: number): string | undefined {
    const { list, isOuter } = this.#config;
    const column = batch.columns[list]!;
    this.#next = 0;
    this.#count = 0;
    if (!column.isNull(row)) {
      const bytes = column.viewSource(row);
      const at = column.viewStart(row);
      const first = listStart(bytes, at);
      if (first === UNSURE) {
        const value = decodeJson(bytes.slice(at, at + column.viewLength(row)));
        return `expected a list, found ${kindOf(value)}`;
      }
      this.#bytes = bytes;
      this.#at = first;
      this.#count = packedCount();
    }
    this.#isBare = isOuter && this.#count === 0;
    return undefined;
  }

  next(columns: readonly Column[], at: number): boolean | string {
    const added = this.#config.columns.length;
    if (this.#isBare) {
      this.#isBare = false;
      for (let c = 0; c < columns.length; c++) columns[c]!.setNull(at);
      return true;
    }
    if (this.#next >= this.#count) return false;
    const position = this.#next++;
    if (this.#config.hasPosition) {
      columns[added]!.setPresent(at);
      columns[added]!.setI64FromNumber(at, position);
    }
    const from = this.#at;
    const end = this.#write(columns, at);
    if (end !== UNSURE) {
      this.#at = end;
      return true;
    }
    this.#at = packedEnd(this.#bytes, from);
    return this.#writeElement(columns, at, position, from);
  }

  /** Writes the element at `#at`; its end, or `UNSURE`. */
  #write(columns: readonly Column[], at: number): number {
    const bytes = this.#bytes;
    const from = this.#at;
    const isMembers = objectStart(bytes, from) !== UNSURE && !this.#isWhole(from);
    if (isMembers) return this.#members.write(columns, at, bytes, from);
    return this.#config.columns.length === 1 ? writePacked(columns[0]!, at, bytes, from) : UNSURE;
  }

  #isWhole(from: number): boolean {
    return this.#takesObjects && this.#members.hasAny(this.#bytes, from) === false;
  }

  #writeElement(
    targets: readonly Column[],
    at: number,
    position: number,
    from: number,
  ): boolean | string {
    const { columns } = this.#config;
    const element = decodeJson(this.#bytes.slice(from, this.#at));
    if (!isObject(element) && columns.length > 1) {
      return `expected an object at position ${position} of the list, found ${kindOf(element)}`;
    }
    return writeValues(targets, at, elementValues(element, columns), columns) ?? true;
  }
}
