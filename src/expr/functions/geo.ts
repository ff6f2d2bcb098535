/** Functions of places on the earth, in degrees, and of points in the plane. @module */

import { BOOL, FLOAT64, JSON_TYPE, STRING } from '../../core/types.ts';
import { badArgument, shownText } from '../row-error.ts';
import { bearing, distanceM, geohash, geohashCentre } from '../scalar/geo.ts';
import { isList, isObject } from '../scalar/json-path.ts';
import type { Point, Polygon } from '../scalar/polygon.ts';
import { isInPolygon } from '../scalar/polygon.ts';
import type { JsonValue } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always } from './function-spec.ts';

const MOST_HASH_LENGTH = 12;

/** The functions of this file. */
export const GEO_FUNCTIONS: readonly FunctionSpec[] = [
  ofTwoPlaces(
    'GEO_DISTANCE',
    'Metres between two places, along a great circle of a sphere of radius 6371008.8 m.',
    distanceM,
  ),
  ofTwoPlaces(
    'GEO_BEARING',
    'In which direction the second place lies from the first: degrees from north, clockwise, from 0 up to 360.',
    bearing,
  ),
  {
    names: ['GEOHASH_ENCODE'],
    usage: 'GEOHASH_ENCODE(lat, lon[, length])',
    summary: 'The geohash of a place, of 12 characters unless given.',
    parameters: ['float64', 'float64', 'integer'],
    required: 2,
    result: always(STRING),
    apply: ([lat, lon, length]) => {
      const characters = Number(length ?? MOST_HASH_LENGTH);
      if (!(characters >= 1 && characters <= MOST_HASH_LENGTH)) {
        throw badArgument(`a geohash has 1 to ${MOST_HASH_LENGTH} characters, not ${characters}`);
      }
      checkPlace(lat as number, lon as number);
      return geohash(lat as number, lon as number, characters);
    },
  },
  {
    names: ['GEOHASH_DECODE'],
    usage: 'GEOHASH_DECODE(s)',
    summary: 'The middle of what a geohash covers, as a list of latitude and longitude.',
    parameters: ['string'],
    required: 1,
    result: always(JSON_TYPE),
    apply: ([s]) => {
      const centre = geohashCentre(s as string);
      if (centre === undefined) throw badArgument(`${shownText(s as string)} is no geohash`);
      return centre;
    },
  },
  {
    names: ['POINT_IN_POLYGON'],
    usage: 'POINT_IN_POLYGON(x, y, polygon)',
    summary:
      'Whether a point lies in a polygon or on its edge: a list of [x, y], or a list of such lists of which the later ones are holes.',
    parameters: ['float64', 'float64', 'json'],
    required: 3,
    result: always(BOOL),
    apply: ([x, y, polygon]) => {
      const point: Point = [x as number, y as number];
      if (!point.every(Number.isFinite))
        throw badArgument('POINT_IN_POLYGON takes no NaN or infinity');
      return isInPolygon(point, polygonOf(polygon as JsonValue));
    },
  },
];

/** A function of two places. */
function ofTwoPlaces(
  name: string,
  summary: string,
  of: (lat1: number, lon1: number, lat2: number, lon2: number) => number,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(lat1, lon1, lat2, lon2)`,
    summary,
    parameters: ['float64', 'float64', 'float64', 'float64'],
    required: 4,
    result: always(FLOAT64),
    apply: (args) => {
      const [lat1, lon1, lat2, lon2] = args as [number, number, number, number];
      checkPlace(lat1, lon1);
      checkPlace(lat2, lon2);
      return of(lat1, lon1, lat2, lon2);
    },
  };
}

function checkPlace(lat: number, lon: number): void {
  if (!(lat >= -90 && lat <= 90)) throw badArgument(`a latitude is -90 to 90 degrees, not ${lat}`);
  if (!(lon >= -180 && lon <= 180)) {
    throw badArgument(`a longitude is -180 to 180 degrees, not ${lon}`);
  }
}

/** Rings of points, also those of GeoJSON. */
function polygonOf(json: JsonValue): Polygon {
  const value = isObject(json) && Object.hasOwn(json, 'coordinates') ? json['coordinates']! : json;
  if (!isList(value)) throw badPolygon();
  const isRing = value.every((point) => isList(point) && !isList(point[0] ?? null));
  const rings = isRing ? [value] : value;
  for (const ring of rings) {
    if (!isList(ring) || ring.length < 3 || !ring.every(isPoint)) throw badPolygon();
  }
  return rings as Polygon;
}

function isPoint(point: JsonValue): boolean {
  return isList(point) && Number.isFinite(point[0]) && Number.isFinite(point[1]);
}

function badPolygon(): Error {
  return badArgument('a polygon is a list of three or more points [x, y], or a list of such lists');
}
