/**
 * Compiling modules and making instances of them.
 *
 * A module is compiled once, on the thread that plans, and posted to the workers: they then find it by
 * its key. What was not planned for is compiled where it is needed, once by each thread; V8 finds
 * that the bytes are those of another thread and uses its code, as far as it has come with optimising it.
 *
 * @module
 */

import type { CompiledModules, KernelMemory, WasmMemory } from '../core/memory.ts';

let known: ReadonlyMap<string, WebAssembly.Module> = new Map();
/** What this thread has compiled itself, as long as somebody uses it. */
const compiled = new Map<string, WeakRef<WebAssembly.Module>>();
/** Keys go with their modules: a process may start engines without end. */
const collected = new FinalizationRegistry<string>((key) => {
  if (compiled.get(key)?.deref() === undefined) compiled.delete(key);
});

/** Gives this thread modules that another has compiled. */
export function useModules(modules: CompiledModules): void {
  known = modules;
}

/** The module with a key, if there is one. */
export function findModule(key: string): WebAssembly.Module | undefined {
  return known.get(key) ?? compiled.get(key)?.deref();
}

/** Lets this thread find more of them, as long as somebody refers to them. */
export function noteModules(modules: CompiledModules): void {
  for (const [key, module] of modules) note(key, module);
}

function note(key: string, module: WebAssembly.Module): void {
  compiled.set(key, new WeakRef(module));
  collected.register(module, key);
}

/**
 * The module with a key.
 *
 * @param build - its bytes, if it has to be compiled here
 */
export function compileModule(
  key: string,
  build: () => Uint8Array<ArrayBuffer>,
): WebAssembly.Module {
  const module = findModule(key);
  if (module !== undefined) return module;
  const fresh = new WebAssembly.Module(build());
  note(key, fresh);
  return fresh;
}

/** Compiles modules that threads will ask for. */
export class ModuleList {
  readonly #modules = new Map<string, WebAssembly.Module>();

  /** What has been added, to be posted. */
  get modules(): CompiledModules {
    return this.#modules;
  }

  /** Compiles a module, unless it is there. @param build - its bytes */
  add(key: string, build: () => Uint8Array<ArrayBuffer>): void {
    if (!this.#modules.has(key)) this.#modules.set(key, compileModule(key, build));
  }
}

/** What kernels import from {@link ENGINE}. */
export const ENGINE = 'm';

/** Names of imports. */
export const Import = {
  /** The memory of the engine: rings, columns, selections. */
  COLUMNS: 'c',
  /** The memory of a task's state. */
  STATE: 's',
} as const;

/** Other things that a module imports. */
export interface Extras {
  readonly state?: WasmMemory;
  readonly values?: Readonly<Record<string, number | bigint | ((...args: never[]) => unknown)>>;
}

/** The functions of a module over a worker's memory. */
export function instantiate(
  module: WebAssembly.Module,
  memory: KernelMemory,
  { state, values = {} }: Extras = {},
): Readonly<Record<string, (...args: number[]) => number>> {
  const imports: Record<string, WebAssembly.ImportValue> = {
    ...(values as Record<string, WebAssembly.ImportValue>),
    [Import.COLUMNS]: memory.memory as WebAssembly.Memory,
  };
  if (state !== undefined) imports[Import.STATE] = state as WebAssembly.Memory;
  const { exports } = new WebAssembly.Instance(module, { [ENGINE]: imports });
  return exports as Record<string, (...args: number[]) => number>;
}
