/** A typed builder for WebAssembly modules. Knows nothing of rows. @module */

export type { Code, F32, F64, I32, I64, Statement, V128, Value, ValueType } from './code.ts';
export type { Label, Local, Signature } from './function-builder.ts';
export { choose, FunctionBuilder, tee } from './function-builder.ts';
export type { FunctionRef } from './module-builder.ts';
export { call, ModuleBuilder, perform } from './module-builder.ts';
export { atomic, drop, f32, f64, i32, i64, memory, select } from './scalar.ts';
export { f64x2, i16x8, i32x4, i64x2, i8x16, lanes, relaxed, v128 } from './simd.ts';
export {
  compileModule,
  ENGINE,
  findModule,
  Import,
  instantiate,
  ModuleList,
  noteModules,
  useModules,
} from './instance.ts';
