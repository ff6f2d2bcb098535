/** A topology document that grows, and where in the program each part of it was written. @module */

import { pointer } from '../../core/topology/issues.ts';
import { objectOf } from '../../core/topology/key-order.ts';
import type { JsonValue } from '../../core/topology/model.ts';
import type { Span } from '../../expr/index.ts';

/** A node of a document; properties that are `undefined` are left out. */
export type NodeDocument = Readonly<Record<string, JsonValue | undefined>>;

/** Where parts of a node were written: the steps to it, with line feeds between them → span. */
export type NodePlaces = Readonly<Record<string, Span | undefined>>;

type Section = 'sources' | 'operators' | 'sinks' | 'tables';

/** Collects nodes; names of sources, operators and sinks are unique. */
export class DocumentBuilder {
  readonly #sections: Record<Section, Map<string, JsonValue>> = {
    sources: new Map(),
    tables: new Map(),
    operators: new Map(),
    sinks: new Map(),
  };
  readonly #names = new Set<string>();
  readonly #places = new Map<string, Span>();

  /** Pointers of the document → where what they point at was written. */
  get places(): ReadonlyMap<string, Span> {
    return this.#places;
  }

  /** Keeps a name for a node that comes later. */
  reserve(name: string): void {
    this.#names.add(name);
  }

  /** `wanted`, or if there is such a node `wanted/2`. */
  freeName(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#names.has(name); n++) name = `${wanted}/${n}`;
    this.#names.add(name);
    return name;
  }

  /** Adds a node or a table. */
  add(
    section: Section,
    name: string,
    node: NodeDocument,
    span: Span,
    places: NodePlaces = {},
  ): void {
    this.#sections[section].set(name, plain(node));
    this.#places.set(pointer(section, name), span);
    for (const [steps, place] of Object.entries(places)) {
      if (place !== undefined) this.notePlace(place, section, name, ...steps.split('\n'));
    }
  }

  /** Notes where a part of the document was written. */
  notePlace(span: Span, ...steps: readonly string[]): void {
    this.#places.set(pointer(...steps), span);
  }

  /** The document, empty sections left out. */
  document(name: string): { readonly [property: string]: JsonValue } {
    const { sources, tables, operators, sinks } = this.#sections;
    const usesDisk = [...tables.values()].some(
      (table) => (table as { readonly storage?: JsonValue }).storage === 'disk',
    );
    return plain({
      version: 1,
      name,
      sources: objectOf([...sources]),
      tables: tables.size === 0 ? undefined : objectOf([...tables]),
      operators: operators.size === 0 ? undefined : objectOf([...operators]),
      sinks: sinks.size === 0 ? undefined : objectOf([...sinks]),
      engine: usesDisk ? { state: { dir: './state' } } : undefined,
    });
  }
}

function plain(node: NodeDocument): { readonly [property: string]: JsonValue } {
  return Object.fromEntries(
    Object.entries(node).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}
