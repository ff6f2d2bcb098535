/** Plans of operators from what stands in a document. @module */

import type { OperatorPlan } from '../../../src/core/operator.ts';
import type { OperatorDocument } from '../../../src/core/topology/operators/index.ts';
import { normalizeOperator } from '../../../src/core/topology/operators/index.ts';
import type { TestInput } from './operator-nodes.ts';
import { planNode, soundNode } from './operator-nodes.ts';

/** An operator as a document has it, without its inputs. */
export type OperatorText = { readonly type: string } & Readonly<Record<string, unknown>>;

function nodeOf(text: OperatorText, inputs: readonly TestInput[]) {
  const document = { ...text, inputs: inputs.map(({ name }) => name) };
  return normalizeOperator('tested', document as unknown as OperatorDocument);
}

/** The plan of an operator that must be sound. */
export function soundPlan(text: OperatorText, inputs: readonly TestInput[]): OperatorPlan {
  return soundNode(nodeOf(text, inputs), inputs);
}

/** What is reported of an operator, as `path: message`. */
export function planIssues(text: OperatorText, inputs: readonly TestInput[]): string[] {
  return planNode(nodeOf(text, inputs), inputs).issues;
}
