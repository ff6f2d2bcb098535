/** Joins of every kind and reach, as in the property tests, thousands of them. */

import { test } from 'vitest';
import { checkAsOfJoins } from '../property/join-as-of.property.ts';
import { checkBufferJoins } from '../property/join-buffer.property.ts';
import { checkChangingJoins } from '../property/join-changes.property.ts';
import { checkJoinsOfSeveral } from '../property/join-several.property.ts';
import { checkUnboundedJoins, checkWindowJoins } from '../property/join-reach.property.ts';
import { checkJoinsByTtl } from '../property/join-ttl.property.ts';
import { checkIntervalJoins } from '../property/join.property.ts';

const MANY = 3000;

test('by interval', async () => {
  await checkIntervalJoins(MANY);
});

test('over windows', async () => {
  await checkWindowJoins(MANY);
});

test('without a bound', async () => {
  await checkUnboundedJoins(MANY);
});

test('of several streams', async () => {
  await checkJoinsOfSeveral(MANY);
});

test('by ttl', async () => {
  await checkJoinsByTtl(MANY);
});

test('of streams of changes', () => {
  checkChangingJoins(MANY);
});

test('as of', async () => {
  await checkAsOfJoins(MANY);
});

test('of the last rows', async () => {
  await checkBufferJoins(MANY);
});
