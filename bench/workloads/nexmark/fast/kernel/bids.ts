/** The kernel that writes bids. @module */

import type { FunctionBuilder, I32, Local, ModuleBuilder } from '../../../../../src/wasm/index.ts';
import { i32, select, v128 } from '../../../../../src/wasm/index.ts';
import {
  AUCTION_ID_LEAD,
  AUCTIONS_IN_FLIGHT,
  BID_BYTES,
  BIDS_PER_PERIOD,
  EVENTS_PER_PERIOD,
  FIRST_AUCTION_ID,
  FIRST_BID_POSITION,
} from '../../model/timeline.ts';
import { COLD_CHANNELS, HOT_CHANNELS } from '../tables.ts';
import {
  entryOf,
  extraLengthOf,
  hashOf,
  hotOf,
  type KernelConstants,
  lane,
  personOf,
  personRange,
  priceOf,
  putLongSlice,
  putLongText,
  scale16,
  sliceAt,
  storeId,
} from './pieces.ts';
import type { PlacedTables } from './placed-tables.ts';

/** Bytes of a bid that are not `extra`. */
const FIXED_BYTES = 4 * 8;
/** A text of up to this many bytes fills a bid up; it is copied in whole vectors. */
export const MAX_BID_EXTRA = Math.ceil((BID_BYTES - FIXED_BYTES) * 1.2);
const EXTRA_VECTORS = Math.ceil(MAX_BID_EXTRA / 16);
const AUCTIONS_PER_PERIOD = FIRST_BID_POSITION - 1;

const c = i32.const;

/**
 * Adds `bids(number, count, auction, bidder, price, channel, url, extra, heap, used) → used`:
 * addresses are those of the first row to write; event times are not written.
 */
export function addBids(
  module: ModuleBuilder,
  constants: KernelConstants,
  tables: PlacedTables,
): void {
  const params = Array.from({ length: 10 }, () => 'i32' as const);
  module.function({ params, result: 'i32' }, (f) => writeBids(f, constants, tables), 'bids');
}

function writeBids(f: FunctionBuilder, constants: KernelConstants, tables: PlacedTables): void {
  const number = f.param(0, 'i32');
  const left = f.param(1, 'i32');
  const period = f.let(i32.divU(number, c(BIDS_PER_PERIOD)));
  const position = f.let(i32.remU(number, c(BIDS_PER_PERIOD)));
  f.while(left, () => {
    const toEnd = f.let(i32.sub(c(BIDS_PER_PERIOD), position));
    const run = f.let(select(i32.ltU(left, toEnd), left, toEnd));
    const first = i32.add(i32.mul(period, c(EVENTS_PER_PERIOD)), c(FIRST_BID_POSITION));
    const event = f.let(i32.add(first, position));
    const end = f.let(i32.add(event, run));
    writeRun(f, { event, end, period }, constants, tables);
    f.set(left, i32.sub(left, run));
    f.set(position, c(0));
    f.increase(period, 1);
  });
  f.return(f.param(9, 'i32'));
}

/** Bids of one period: of the events from `event` to `end`. */
interface Run {
  readonly event: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly period: Local<'i32'>;
}

function writeRun(
  f: FunctionBuilder,
  { event, end, period }: Run,
  constants: KernelConstants,
  { channels, urls }: PlacedTables,
): void {
  const [auction, bidder, price] = [2, 3, 4].map((p) => f.param(p, 'i32')) as Triple;
  const [channel, url, extra] = [5, 6, 7].map((p) => f.param(p, 'i32')) as Triple;
  const place = { heap: f.param(8, 'i32'), used: f.param(9, 'i32') };
  const last = f.let(i32.add(i32.mul(period, c(AUCTIONS_PER_PERIOD)), c(AUCTIONS_PER_PERIOD - 1)));
  const before = f.let(i32.sub(last, c(AUCTIONS_IN_FLIGHT)));
  const first = f.let(select(i32.gtS(before, c(0)), before, c(0)));
  const auctions = f.let(i32.add(i32.sub(last, first), c(1 + AUCTION_ID_LEAD)));
  const hotAuction = f.let(hotOf(last, FIRST_AUCTION_ID));
  const people = personRange(f, period);
  const missing = f.let(c(BID_BYTES - FIXED_BYTES));
  f.while(i32.ltU(event, end), () => {
    const hash = hashOf(f, event, constants.seed);
    const bits = f.let(lane(hash, 'AUCTION'));
    const drawn = scale16(i32.and(i32.shrU(bits, c(15)), c(0xffff)), auctions);
    const anyAuction = i32.add(i32.add(first, c(FIRST_AUCTION_ID)), drawn);
    storeId(f, auction, select(i32.ltS(bits, c(0)), hotAuction, anyAuction));
    storeId(f, bidder, personOf(f, hash, people, 1));
    storeId(f, price, priceOf(f, hash, 'PRICE', constants));
    const index = f.let(channelOf(f, hash));
    f.do(v128.store(channel, v128.load(entryOf(channels, index))));
    putLongText(f, url, f.let(entryOf(urls, index)), urls, place);
    const length = f.let(extraLengthOf(f, hash, missing));
    const source = f.let(sliceAt(hash, 'EXTRA_START', constants));
    putLongSlice(f, extra, source, length, EXTRA_VECTORS, place);
    for (const column of [auction, bidder, price]) f.increase(column, 8);
    for (const column of [channel, url, extra]) f.increase(column, 16);
    f.increase(event, 1);
  });
}

type Triple = [Local<'i32'>, Local<'i32'>, Local<'i32'>];

/** Index of a bid's channel and url in the tables: half of the time a hot one. */
function channelOf(f: FunctionBuilder, hash: I32): I32 {
  const bits = f.let(lane(hash, 'CHANNEL'));
  const hot = i32.and(i32.shrU(bits, c(29)), c(HOT_CHANNELS.length - 1));
  const drawn = i32.mul(i32.and(i32.shrU(bits, c(13)), c(0x3ffff)), c(COLD_CHANNELS));
  const cold = i32.add(i32.shrU(drawn, c(18)), c(HOT_CHANNELS.length));
  return select(i32.ltS(bits, c(0)), hot, cold);
}
