/** Columns of the three streams. @module */

import type { Schema } from '../../../../src/core/schema.ts';
import type { DataType } from '../../../../src/core/types.ts';
import type { Kind } from './timeline.ts';

const INT64: DataType = { kind: 'int64' };
const STRING: DataType = { kind: 'string' };
const TIMESTAMP: DataType = { kind: 'timestamp' };

const columns = (fields: Readonly<Record<string, DataType>>): Schema =>
  Object.entries(fields).map(([name, type]) => ({ name, type }));

/** Columns in the order in which the generators write them. */
export const SCHEMAS: Readonly<Record<Kind, Schema>> = {
  person: columns({
    id: INT64,
    name: STRING,
    emailAddress: STRING,
    creditCard: STRING,
    city: STRING,
    state: STRING,
    dateTime: TIMESTAMP,
    extra: STRING,
  }),
  auction: columns({
    id: INT64,
    itemName: STRING,
    description: STRING,
    initialBid: INT64,
    reserve: INT64,
    dateTime: TIMESTAMP,
    expires: TIMESTAMP,
    seller: INT64,
    category: INT64,
    extra: STRING,
  }),
  bid: columns({
    auction: INT64,
    bidder: INT64,
    price: INT64,
    channel: STRING,
    url: STRING,
    dateTime: TIMESTAMP,
    extra: STRING,
  }),
};
