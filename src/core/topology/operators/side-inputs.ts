/** Streams that an operator reads beside those that it works on. @module */

import { pointer } from '../issues.ts';
import type { InputRef, JsonValue } from '../model/parts.ts';
import { parseStreamName } from '../ports.ts';
import { controlOf } from './parameters.ts';

/** A stream that is named elsewhere than in `input` and `inputs`. */
export interface SideInput {
  readonly stream: string;
  /** From the node to the name. */
  readonly steps: readonly string[];
}

/** Those of a node as it is written, which may be wrong: what changes its parameters, what asks it. */
export function sideInputsOf(node: Readonly<Record<string, JsonValue>>): readonly SideInput[] {
  const control = controlOf(node);
  const { requests } = node;
  return [
    ...(control === undefined ? [] : [control]),
    ...(typeof requests === 'string' ? [{ stream: requests, steps: ['requests'] }] : []),
  ];
}

/** The stream of requests of a checked node that stands at the pointer `at`. */
export function normalizeRequests(node: object, at: string): readonly InputRef[] {
  const { requests } = node as { readonly requests?: string };
  if (requests === undefined) return [];
  return [{ ...parseStreamName(requests), pointer: at + pointer('requests') }];
}
