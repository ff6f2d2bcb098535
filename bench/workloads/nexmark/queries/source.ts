/** The sources, where topologies may load them from: below their own folder. @module */

export { open } from '../source.ts';
