/**
 * Builds a WebAssembly module: imported memories, globals and functions, own functions, exports.
 *
 * Only what kernels need: no tables, no memory of its own, no start function. The engine validates the
 * bytes when it compiles them.
 *
 * @module
 */

import type { Code, Statement, Value, ValueType } from './code.ts';
import { flat, join, sizeOf, text, TYPE_CODES, unsigned, vector } from './code.ts';
import type { Signature } from './function-builder.ts';
import { FunctionBuilder } from './function-builder.ts';

/** A function of the module, to be called by others. */
export interface FunctionRef<R extends ValueType | undefined = ValueType | undefined> {
  readonly index: number;
  readonly signature: Signature<R>;
}

const Section = { TYPE: 1, IMPORT: 2, FUNCTION: 3, EXPORT: 7, CODE: 10 } as const;
const ImportKind = { FUNCTION: 0, MEMORY: 2, GLOBAL: 3 } as const;

/** Limits of a shared memory: bit 0 has a maximum, bit 1 is shared. */
const SHARED_WITH_MAXIMUM = 3;
const HIGHEST_PAGES = 65536;

/** A module being written. */
export class ModuleBuilder {
  readonly #types: Code[] = [];
  readonly #typeIndex = new Map<string, number>();
  readonly #imports: Code[] = [];
  readonly #exports: Code[] = [];
  readonly #functions: { readonly type: number; readonly builder: FunctionBuilder }[] = [];
  #importedFunctions = 0;
  #memories = 0;
  #globals = 0;

  /** Imports a shared memory of any size. @returns its number, from 0 on */
  importMemory(module: string, name: string): number {
    const limits = [SHARED_WITH_MAXIMUM, unsigned(1), unsigned(HIGHEST_PAGES)];
    this.#imports.push([text(module), text(name), ImportKind.MEMORY, limits]);
    return this.#memories++;
  }

  /** Imports a constant. */
  importGlobal<T extends ValueType>(module: string, name: string, type: T): Value<T> {
    this.#imports.push([text(module), text(name), ImportKind.GLOBAL, TYPE_CODES[type], 0]);
    return { type, code: [0x23, unsigned(this.#globals++)] };
  }

  /** Imports a function; all of them before the first own function. */
  importFunction<R extends ValueType | undefined>(
    module: string,
    name: string,
    signature: Signature<R>,
  ): FunctionRef<R> {
    if (this.#functions.length > 0) throw new Error('imports come before functions');
    const type = unsigned(this.#typeOf(signature));
    this.#imports.push([text(module), text(name), ImportKind.FUNCTION, type]);
    return { index: this.#importedFunctions++, signature };
  }

  /**
   * Adds a function.
   *
   * @param body - writes its body; a function with a result must `return` on every path
   * @param exportName - makes it callable from outside
   */
  function<R extends ValueType | undefined>(
    signature: Signature<R>,
    body: (f: FunctionBuilder) => void,
    exportName?: string,
  ): FunctionRef<R> {
    const builder = new FunctionBuilder(signature);
    const type = this.#typeOf(signature);
    const index = this.#importedFunctions + this.#functions.push({ type, builder }) - 1;
    if (exportName !== undefined) this.#exports.push([text(exportName), 0, unsigned(index)]);
    body(builder);
    return { index, signature };
  }

  /** The bytes of the module. */
  build(): Uint8Array<ArrayBuffer> {
    const types = this.#functions.map(({ type }) => unsigned(type));
    const bodies = this.#functions.flatMap(({ builder }) => builder.build());
    return join([
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...list(Section.TYPE, this.#types),
      ...list(Section.IMPORT, this.#imports),
      ...list(Section.FUNCTION, types),
      ...list(Section.EXPORT, this.#exports),
      ...section(Section.CODE, [flat(unsigned(types.length)), ...bodies]),
    ]);
  }

  #typeOf({ params, result }: Signature): number {
    const key = `${params.join()}:${result}`;
    const known = this.#typeIndex.get(key);
    if (known !== undefined) return known;
    const codes = (list: readonly ValueType[]): Code => vector(list.map((t) => [TYPE_CODES[t]]));
    const results = result === undefined ? [] : [result];
    const index = this.#types.push([0x60, codes(params), codes(results)]) - 1;
    this.#typeIndex.set(key, index);
    return index;
  }
}

/** The value of a call. */
export function call<R extends ValueType>(
  target: FunctionRef<R>,
  ...args: readonly Value[]
): Value<R> {
  return { type: target.signature.result, code: callCode(target, args) };
}

/** A call without a result. */
export function perform(target: FunctionRef<undefined>, ...args: readonly Value[]): Statement {
  return { effect: callCode(target, args) };
}

function callCode(target: FunctionRef, args: readonly Value[]): Code {
  const wanted = target.signature.params;
  if (args.length !== wanted.length || args.some((arg, i) => arg.type !== wanted[i])) {
    throw new TypeError(`call of (${wanted.join()}) with (${args.map(({ type }) => type).join()})`);
  }
  return [args.map(({ code }) => code), 0x10, unsigned(target.index)];
}

type Parts = readonly (readonly number[])[];

function list(id: number, items: readonly Code[]): Parts {
  return items.length === 0 ? [] : section(id, [flat(vector(items))]);
}

function section(id: number, content: Parts): Parts {
  return [flat([id, unsigned(sizeOf(content))]), ...content];
}
