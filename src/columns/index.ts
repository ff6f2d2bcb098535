/** Compiled loops over whole columns, whatever they mean: copying rows, spreading them over lists. @module */

export { LargeRowFinder } from './large-row-finder.ts';
export { RowCopier } from './row-copier.ts';
export { RowSpreader } from './row-spreader.ts';
