/** The kernel that writes auctions. @module */

import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../../../../../src/wasm/index.ts';
import { f64, i32, i64 } from '../../../../../src/wasm/index.ts';
import {
  AUCTION_BYTES,
  AUCTIONS_PER_PERIOD,
  CATEGORIES,
  EVENTS_PER_AUCTION_LIFE,
  EVENTS_PER_PERIOD,
  FIRST_AUCTION_ID,
  FIRST_CATEGORY_ID,
} from '../../model/timeline.ts';
import { MAX_NAME, MAX_TEXT, MIN_TEXT } from '../draws.ts';
import {
  below,
  extraLengthOf,
  hashOf,
  type KernelConstants,
  lane,
  offsetMs,
  personOf,
  personRange,
  priceOf,
  putSlice,
  sliceAt,
  storeId,
  timestampOf,
} from './pieces.ts';

/** Bytes of an auction that are neither name, description nor `extra`. */
const FIXED_BYTES = 8 + 5 * 8;
/** The longest text that fills an auction up. */
export const MAX_AUCTION_EXTRA = Math.ceil((AUCTION_BYTES - FIXED_BYTES) * 1.2);

const c = i32.const;

/** Positions of the auction columns' addresses among the parameters, from 2 on. */
const COLUMNS = [
  'id',
  'itemName',
  'description',
  'initialBid',
  'reserve',
  'dateTime',
  'expires',
  'seller',
  'category',
  'extra',
] as const;
const VIEWS: readonly string[] = ['itemName', 'description', 'extra'];

/** Adds `auctions(number, count, ...columns, heap, used) → used`; addresses are of the first row. */
export function addAuctions(
  module: ModuleBuilder,
  constants: KernelConstants,
  slice: FunctionRef<'i32'>,
): void {
  const params = Array.from({ length: 2 + COLUMNS.length + 2 }, () => 'i32' as const);
  module.function({ params, result: 'i32' }, (f) => writeAuctions(f, constants, slice), 'auctions');
}

function writeAuctions(
  f: FunctionBuilder,
  constants: KernelConstants,
  slice: FunctionRef<'i32'>,
): void {
  const number = f.param(0, 'i32');
  const end = f.let(i32.add(number, f.param(1, 'i32')));
  const at = (name: (typeof COLUMNS)[number]) => f.param(2 + COLUMNS.indexOf(name), 'i32');
  const heap = f.param(2 + COLUMNS.length, 'i32');
  const used = f.param(3 + COLUMNS.length, 'i32');
  const place = { heap, used };
  f.while(i32.ltU(number, end), () => {
    const period = f.let(i32.divU(number, c(AUCTIONS_PER_PERIOD)));
    const inPeriod = i32.sub(number, i32.mul(period, c(AUCTIONS_PER_PERIOD)));
    const first = i32.add(i32.mul(period, c(EVENTS_PER_PERIOD)), c(1));
    const event = f.let(i32.add(first, inPeriod));
    const hash = hashOf(f, event, constants.seed);
    const people = personRange(f, period);
    const initialBid = f.let(priceOf(f, hash, 'PRICE', constants));
    storeId(f, at('id'), i32.add(number, c(FIRST_AUCTION_ID)));
    storeId(f, at('initialBid'), initialBid);
    storeId(f, at('reserve'), i32.add(initialBid, priceOf(f, hash, 'RESERVE', constants)));
    storeId(f, at('seller'), personOf(f, hash, people, 0));
    const category = below(hash, 'CATEGORY', CATEGORIES);
    storeId(f, at('category'), i32.add(category, c(FIRST_CATEGORY_ID)));
    const openedMs = f.let(offsetMs(event, constants));
    const laterMs = offsetMs(i32.add(event, c(EVENTS_PER_AUCTION_LIFE)), constants);
    const longestMs = f64.max(f64.mul(f64.sub(laterMs, openedMs), f64.const(2)), f64.const(1));
    const share = f64.mul(f64.convertI32U(lane(hash, 'EXPIRES')), f64.const(2 ** -32));
    const openMs = f64.add(f64.floor(f64.mul(share, longestMs)), f64.const(1));
    f.do(
      i64.store(at('dateTime'), timestampOf(openedMs)),
      i64.store(at('expires'), timestampOf(f64.add(openedMs, openMs))),
    );
    const textLength = (name: 'NAME_LENGTH' | 'TEXT_LENGTH', longest: number) =>
      f.let(i32.add(below(hash, name, longest + 1 - MIN_TEXT), c(MIN_TEXT)));
    const nameLength = textLength('NAME_LENGTH', MAX_NAME);
    const descriptionLength = textLength('TEXT_LENGTH', MAX_TEXT);
    const texts = i32.add(nameLength, descriptionLength);
    const missing = f.let(i32.sub(c(AUCTION_BYTES - FIXED_BYTES), texts));
    const put = (
      name: (typeof COLUMNS)[number],
      source: 'NAME' | 'TEXT' | 'EXTRA_START',
      length: typeof missing,
    ) => putSlice(f, slice, at(name), sliceAt(hash, source, constants), length, place);
    put('itemName', 'NAME', nameLength);
    put('description', 'TEXT', descriptionLength);
    put('extra', 'EXTRA_START', f.let(extraLengthOf(f, hash, missing)));
    for (const name of COLUMNS) f.increase(at(name), VIEWS.includes(name) ? 16 : 8);
    f.increase(number, 1);
  });
  f.return(used);
}
