/** What a source says about overload, as a document writes it. @module */

import * as z from 'zod';
import {
  expecting,
  expression,
  flag,
  listOf,
  namesTo,
  number,
  object,
  option,
  positiveDuration,
  size,
  text,
  duration,
} from './parts.ts';

const SHARE = 'a share from 0 to 1';

function share(): z.ZodNumber {
  return number(SHARE).min(0, expecting(SHARE)).max(1, expecting(SHARE));
}

function utility(): z.ZodNumber {
  return number('a utility of 0 or more').min(0, expecting('a utility of 0 or more'));
}

function positive(expected: string): z.ZodNumber {
  return number(expected).positive(expecting(expected));
}

/** A list of corners `[x, utility]`. */
function graph<X extends z.ZodType>(
  example: string,
  x: X,
): z.ZodArray<z.ZodTuple<[X, z.ZodNumber], null>> {
  const expected = `points such as ${example}`;
  return listOf(expected, z.tuple([x, utility()], expecting(`a point of ${expected}`)));
}

const LATENCY = '[["0ms", 1], ["50ms", 1], ["200ms", 0]]';
const LOSS = '[[0, 1], [0.1, 0.5], [1, 0]]';
const LOSSES = `{"default": ${LOSS}}`;

const qos = object(`graphs such as {"latency": ${LATENCY}}`, {
  latency: graph(LATENCY, duration('50ms'))
    .describe(
      'What a result is worth by the latency of its tuple; the last point of the full utility is the goal.',
    )
    .optional(),
  loss: namesTo(`graphs such as ${LOSSES}`, graph(LOSS, share()))
    .describe(
      'Class → utility by the share of its tuples that are lost; "default" is for the other classes.',
    )
    .optional(),
  value: graph('[[0, 0], [10, 1]]', number('a value'))
    .describe('What a tuple of a value is worth.')
    .optional(),
});

const spill = object('spill settings such as {"limit": "1GiB"}', {
  dir: text('a path such as "./spill"')
    .describe(
      'The folder, relative to the topology file; "spill" in the folder of state, or beside the file, if left out.',
    )
    .optional(),
  limit: size('1GiB').describe('Most bytes on disk; "1GiB" by default.').optional(),
  order: option('order of replay', ['hold', 'late'])
    .describe(
      '"hold" (default): the watermark waits for what is on disk; "late": it goes on, and spilled tuples come late.',
    )
    .optional(),
});

/** What tuples are worth, and what overload does. */
export const admission = object('admission such as {"value": "bid", "slo": "50ms"}', {
  value: expression('bid').describe('What a tuple is worth, an expression.').optional(),
  class: expression('tier')
    .describe('The class of a tuple, an expression; up to 64 classes.')
    .optional(),
  droppable: expression("kind <> 'cancel'")
    .describe('A condition: tuples for which it does not hold are never shed.')
    .optional(),
  tenant: expression('account')
    .describe('Whose the tuple is, an expression; up to 256 tenants.')
    .optional(),
  weights: namesTo('weights such as {"gold": 3}', positive('a weight greater than 0'))
    .describe('Tenant → its weight; 1 if left out.')
    .optional(),
  fairness: share()
    .describe(
      'How much of the capacity is dealt out to tenants by weight, the rest goes by value; 1 by default.',
    )
    .optional(),
  slo: positiveDuration('50ms').describe('The latency goal; "50ms" by default.').optional(),
  qos: qos.describe('Utility by latency, loss and value, piecewise linear.').optional(),
  minShare: z
    .union(
      [share(), namesTo('shares such as {"default": 0.02}', share())],
      expecting('a share from 0 to 1, or shares of classes such as {"gold": 0.1, "default": 0.02}'),
    )
    .describe('The least share of the tuples of each class that is admitted; 0 by default.')
    .optional(),
  onOverload: option('overload policy', ['block', 'shed', 'spill', 'spillThenShed'])
    .describe('What happens when more arrives than can be done; "block" by default.')
    .optional(),
  policy: option('shedding policy', ['value', 'random', 'dropTail', 'codel', 'throttle'])
    .describe('Which tuples are shed; "value" by default: those worth least.')
    .optional(),
  maxRate: positive('a number of rows per second')
    .describe('With the policy throttle: rows per second that are admitted at most.')
    .optional(),
  windows: option('window mode', ['exact', 'estimate', 'subset'])
    .describe('What aggregates over windows make of tuples that were shed.')
    .optional(),
  lateShed: flag()
    .describe('Whether tuples are looked at again when their turn comes; true by default.')
    .optional(),
  spill: spill.describe('Where tuples wait that there is no room for.').optional(),
}).meta({ id: 'admission' });

/** Admission as it is written. */
export type AdmissionDocument = z.input<typeof admission>;
