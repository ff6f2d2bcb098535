/** The kernel that writes persons. @module */

import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../../../../../src/wasm/index.ts';
import { i32, i64 } from '../../../../../src/wasm/index.ts';
import { EVENTS_PER_PERIOD, FIRST_PERSON_ID, PERSON_BYTES } from '../../model/timeline.ts';
import type { Lane } from '../random.ts';
import {
  below,
  entryOf,
  extraLengthOf,
  hashOf,
  type KernelConstants,
  lane,
  offsetMs,
  putSlice,
  putText,
  scale16,
  sliceAt,
  storeId,
  storeSliceView,
  timestampOf,
} from './pieces.ts';
import type { PlacedTables, PlacedTexts } from './placed-tables.ts';

/** Four groups of four digits, with a blank between. */
export const CARD_BYTES = 19;
/** Bytes taken in a heap. */
const CARD_ROOM = 24;
const FIXED_BYTES = 8 + CARD_BYTES;
/** The longest text that fills a person up. */
export const MAX_PERSON_EXTRA = Math.ceil((PERSON_BYTES - FIXED_BYTES) * 1.2);

const c = i32.const;

const COLUMNS = [
  'id',
  'name',
  'emailAddress',
  'creditCard',
  'city',
  'state',
  'dateTime',
  'extra',
] as const;

/** Adds `persons(number, count, ...columns, heap, used) → used`; addresses are of the first row. */
export function addPersons(
  module: ModuleBuilder,
  constants: KernelConstants,
  tables: PlacedTables,
  slice: FunctionRef<'i32'>,
): void {
  const params = Array.from({ length: 2 + COLUMNS.length + 2 }, () => 'i32' as const);
  module.function(
    { params, result: 'i32' },
    (f) => writePersons(f, constants, tables, slice),
    'persons',
  );
}

function writePersons(
  f: FunctionBuilder,
  constants: KernelConstants,
  tables: PlacedTables,
  slice: FunctionRef<'i32'>,
): void {
  const number = f.param(0, 'i32');
  const end = f.let(i32.add(number, f.param(1, 'i32')));
  const at = (name: (typeof COLUMNS)[number]) => f.param(2 + COLUMNS.indexOf(name), 'i32');
  const heap = f.param(2 + COLUMNS.length, 'i32');
  const used = f.param(3 + COLUMNS.length, 'i32');
  const place = { heap, used };
  f.while(i32.ltU(number, end), () => {
    const event = f.let(i32.mul(number, c(EVENTS_PER_PERIOD)));
    const hash = hashOf(f, event, constants.seed);
    const missing = f.let(c(PERSON_BYTES - FIXED_BYTES));
    const pick = (
      name: 'name' | 'emailAddress' | 'city' | 'state',
      texts: PlacedTexts,
      by: keyof typeof Lane,
    ): void => {
      const entry = f.let(entryOf(texts, below(hash, by, texts.count)));
      putText(f, at(name), entry, texts, place);
      f.set(missing, i32.sub(missing, i32.load(entry)));
    };
    storeId(f, at('id'), i32.add(number, c(FIRST_PERSON_ID)));
    pick('name', tables.names, 'NAME');
    pick('emailAddress', tables.emails, 'EMAIL');
    pick('city', tables.cities, 'PLACE');
    pick('state', tables.states, 'CATEGORY');
    const card = f.let(i32.add(heap, used));
    [lane(hash, 'CARD'), lane(hash, 'CARD_TAIL')].forEach((bits, half) => {
      const both = f.let(bits);
      [i32.shrU(both, c(16)), i32.and(both, c(0xffff))].forEach((draw, quarter) => {
        const digits = i32.add(i32.shl(scale16(draw, c(10_000)), c(2)), c(tables.digits));
        const offset = 10 * half + 5 * quarter;
        f.do(i32.store(card, i32.load(digits), { offset }));
        if (offset < 15) f.do(i32.store8(card, c(0x20), { offset: offset + 4 }));
      });
    });
    storeSliceView(f, at('creditCard'), card, c(CARD_BYTES), place);
    f.increase(used, CARD_ROOM);
    f.do(i64.store(at('dateTime'), timestampOf(offsetMs(event, constants))));
    const length = f.let(extraLengthOf(f, hash, missing));
    putSlice(f, slice, at('extra'), sliceAt(hash, 'EXTRA_START', constants), length, place);
    for (const name of COLUMNS) {
      f.increase(at(name), name === 'id' || name === 'dateTime' ? 8 : 16);
    }
    f.increase(number, 1);
  });
  f.return(used);
}
