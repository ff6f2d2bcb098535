/** What `--allow-command` means. */

import { expect, test } from 'vitest';
import { addCommand } from '../../../src/cli/command.ts';

test('names a file, or a file and its first arguments', () => {
  const one = addCommand('shout=/bin/shout=2');
  expect(one).toEqual({ shout: { file: '/bin/shout=2', args: [] } });
  expect(addCommand('sum=["node", "sum.mjs"]', one)).toEqual({
    shout: { file: '/bin/shout=2', args: [] },
    sum: { file: 'node', args: ['sum.mjs'] },
  });
});

test.each([
  'shout',
  '=node',
  'shout=',
  'shout=[]',
  'shout=[""]',
  'shout=["node", 1]',
  'shout=["node"',
])('refuses %s', (text) => {
  expect(() => addCommand(text)).toThrow('Expected name=file');
});
