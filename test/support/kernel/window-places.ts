/** Windows, each by its start and end, enumerated. @module */

import type { Window } from '../../../src/core/topology/model.ts';

/** A window: start and end. */
export type Place = readonly [startUs: number, endUs: number];

/** The windows that a time lies in. */
export function placesAt(window: Window, timeUs: number): Place[] {
  const { kind, sizeUs, offsetUs } = window;
  const slideUs = kind === 'hopping' ? window.slideUs : sizeUs;
  const last = Math.floor((timeUs - offsetUs) / slideUs) * slideUs + offsetUs;
  const places: Place[] = [];
  for (let startUs = last; startUs > timeUs - sizeUs; startUs -= slideUs) {
    const stepUs = kind === 'cumulating' ? window.stepUs : sizeUs;
    for (let endUs = startUs + stepUs; endUs <= startUs + sizeUs; endUs += stepUs) {
      if (endUs > timeUs) places.push([startUs, endUs]);
    }
  }
  return places;
}
