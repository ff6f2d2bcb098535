/** What is known of a regular expression before it runs. @module */

import type { CharSet } from './char-set.ts';
import { asciiSet, NOTHING, oneOf, union } from './char-set.ts';
import type { Regex, RegexNode, RegexSequence } from './parse-regex.ts';

/** How many pieces its code has: what follows a group is written once for each of its alternatives. */
export function codePieces({ choices }: Regex): number {
  return ofChoices(choices, 1);
}

function ofChoices(choices: readonly RegexSequence[], behind: number): number {
  return choices.reduce((sum, nodes) => sum + ofSequence(nodes, behind), 0);
}

function ofSequence(nodes: RegexSequence, behind: number): number {
  return nodes.reduceRight(
    (rest, node) => (node.kind === 'group' ? ofChoices(node.choices, rest) : rest + 1),
    behind,
  );
}

/** Whether it matches at the start only. */
export function isAnchored({ choices }: Regex): boolean {
  return choices.every(([first]) => first?.kind === 'start');
}

/** Characters with which a match begins; `undefined` if one may be empty. */
export function firstCharacters({ choices }: Regex): CharSet | undefined {
  const { set, isOpen } = firstOfChoices(choices);
  return isOpen ? undefined : set;
}

/** What a part may begin with, and whether what is behind it may come first. */
interface First {
  readonly set: CharSet;
  readonly isOpen: boolean;
}

function firstOfChoices(choices: readonly RegexSequence[]): First {
  const firsts = choices.map(firstOfSequence);
  return {
    set: firsts.reduce((set, first) => union(set, first.set), NOTHING),
    isOpen: firsts.some(({ isOpen }) => isOpen),
  };
}

function firstOfSequence(nodes: RegexSequence): First {
  let set = NOTHING;
  for (const node of nodes) {
    const first = firstOf(node);
    set = union(set, first.set);
    if (!first.isOpen) return { set, isOpen: false };
  }
  return { set, isOpen: true };
}

function firstOf(node: RegexNode): First {
  switch (node.kind) {
    case 'bytes': {
      const [byte] = node.bytes;
      const set = byte! < 128 ? oneOf(byte!) : { ...asciiSet(() => false), others: true };
      return { set, isOpen: false };
    }
    case 'run':
      return { set: node.set, isOpen: node.min === 0 };
    case 'group':
      return firstOfChoices(node.choices);
    default:
      return { set: NOTHING, isOpen: true };
  }
}
