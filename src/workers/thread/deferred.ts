/**
 * What a thread loads when rows turn out to need it. A file of its own, which nothing imports: `main.ts`
 * would load it with itself.
 *
 * @module
 */

export * from '../../operators/chain/deferred.ts';
