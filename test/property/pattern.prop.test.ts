import { expect, test } from 'vitest';
import { checkPatterns } from './pattern.property.ts';

test('patterns give what an enumerator of all combinations gives', async () => {
  expect(await checkPatterns(60)).toBeGreaterThan(50);
});
