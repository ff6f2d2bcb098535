/**
 * Writes `flights.jsonl`, one flight a line, from the data set of the package `vega-datasets`: a JSON
 * list whose dates are written `2001/01/01 06:55`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const input = new URL('../data/flights-20k.json', import.meta.resolve('vega-datasets'));
const flights = JSON.parse(readFileSync(input, 'utf8')) as { date: string }[];
const lines = flights.map(({ date, ...rest }) =>
  JSON.stringify({ at: date.replaceAll('/', '-'), ...rest }),
);
writeFileSync(new URL('flights.jsonl', import.meta.url), `${lines.join('\n')}\n`);
console.log(`flights.jsonl: ${lines.length} flights`);
