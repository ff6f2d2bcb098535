/** What `unnest` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { readValue } from '../../rows/row-reader.ts';
import { type Expansion, ExpandingKernel } from '../expanding-kernel.ts';
import { elementValues, isObject, kindOf } from '../json-values.ts';
import type { UnnestConfig } from './spec.ts';

/** Makes the kernel of an `unnest`. */
export function createUnnestKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as UnnestConfig;
  return new ExpandingKernel(plan, context, config.kept, new Elements(config));
}

/** The elements of one list after the other. */
class Elements implements Expansion {
  readonly #config: UnnestConfig;
  #list: readonly unknown[] = [];
  #next = 0;
  /** One row of nulls is to be given. */
  #isBare = false;

  constructor(config: UnnestConfig) {
    this.#config = config;
  }

  begin(batch: Batch, row: number): string | undefined {
    const value = readValue(batch.columns[this.#config.list]!, row, { int64: 'bigint' });
    this.#next = 0;
    this.#list = [];
    if (value !== null && !Array.isArray(value)) {
      return `expected a list, found ${kindOf(value)}`;
    }
    this.#list = value ?? [];
    this.#isBare = this.#config.isOuter && this.#list.length === 0;
    return undefined;
  }

  next(): readonly unknown[] | string | undefined {
    const { columns, hasPosition } = this.#config;
    if (this.#isBare) {
      this.#isBare = false;
      return Array.from({ length: columns.length + (hasPosition ? 1 : 0) }, () => null);
    }
    if (this.#next >= this.#list.length) return undefined;
    const position = this.#next++;
    const element = this.#list[position];
    if (!isObject(element) && columns.length > 1) {
      return `expected an object at position ${position} of the list, found ${kindOf(element)}`;
    }
    const values = elementValues(element, columns);
    return hasPosition ? [...values, position] : values;
  }
}
