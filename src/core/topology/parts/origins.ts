/** From a place of a document with all parts in it back to the files that were written. @module */

import type { TopologyIssue } from '../../errors.ts';
import type { PartPlace } from '../model.ts';

/** An issue of the document with its parts, as one of the document that was written. */
export type FindOrigin = (issue: TopologyIssue) => TopologyIssue;

/**
 * Puts issues of operators that came of a part to the include in the document, and says where in
 * which file they are. Others stay as they are.
 */
export function originsOf(places: readonly PartPlace[]): FindOrigin {
  if (places.length === 0) return (issue) => issue;
  const byPointer = new Map(places.map((place) => [place.at, place]));
  return (issue) => {
    const { pointer, message } = issue;
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const place = byPointer.get(at);
      if (place === undefined) continue;
      const where = placeText(place, pointer.slice(at.length));
      const whole = where === '' ? message : `${where}: ${message}`;
      return { ...issue, pointer: place.include, message: whole };
    }
    return issue;
  };
}

/** `in ./ctr.json at /operators/valid/where`; empty for what no file has. */
export function placeText({ file, inside }: PartPlace, beneath: string): string {
  if (file === '') return '';
  const at = inside + beneath;
  return at === '' ? file : `${file} at ${at}`;
}
