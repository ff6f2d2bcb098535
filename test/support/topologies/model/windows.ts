/** Windows of event time, each by its start and end. @module */

import { parseDurationUs } from '../../../../src/core/units.ts';

/** A window: start and end. */
export type Place = readonly [startUs: number, endUs: number];

/** A window as a document has it. */
export interface WindowDocument {
  readonly type: string;
  readonly size?: string | number;
  readonly slide?: string | number;
  readonly step?: string;
  readonly gap?: string;
  readonly offset?: string | number;
  readonly allowedLateness?: string;
  readonly partial?: boolean;
}

/** Microseconds of a duration that must be one. */
export function durationUs(text: string | number | undefined): number {
  return text === undefined ? 0 : Number(parseDurationUs(String(text)));
}

/** All windows that a time lies in. */
export function placesAt(window: WindowDocument, timeUs: number): Place[] {
  const sizeUs = durationUs(window.size);
  const offsetUs = durationUs(window.offset);
  const slideUs = window.type === 'hopping' ? durationUs(window.slide) : sizeUs;
  const stepUs = window.type === 'cumulating' ? durationUs(window.step) : sizeUs;
  const lastUs = Math.floor((timeUs - offsetUs) / slideUs) * slideUs + offsetUs;
  const places: Place[] = [];
  for (let startUs = lastUs; startUs > timeUs - sizeUs; startUs -= slideUs) {
    for (let endUs = startUs + stepUs; endUs <= startUs + sizeUs; endUs += stepUs) {
      if (endUs > timeUs) places.push([startUs, endUs]);
    }
  }
  return places;
}
