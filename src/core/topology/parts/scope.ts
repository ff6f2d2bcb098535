/** What names mean in a document, or in a part that stands in one. @module */

import { nearestName } from '../../nearest-name.ts';
import { type IssueList, list, pointer } from '../issues.ts';
import type { JsonValue } from '../model.ts';
import { someOf } from '../node-report.ts';
import { MAIN_PORT, parseStreamName } from '../ports.ts';

/** The output of a part that is read by the name of the include alone. */
const OWN_OUTPUT = 'out';

/** A document, or one use of a part. */
export interface Scope {
  /** What the names of its operators begin with: empty for the document, else `ctr/`. */
  readonly prefix: string;
  /** Its operators, includes among them, as they are written. */
  readonly operators: ReadonlyMap<string, JsonValue>;
  /** The parts that its includes stand for. An include that has none is in error. */
  readonly parts: Map<string, PartScope>;
}

/** One use of a part. */
export interface PartScope extends Scope {
  readonly outer: Scope;
  /** The pointer of the include, and that of the part, in the document with all parts. */
  readonly include: string;
  readonly root: string;
  /** Name of an input → the stream handed in, as it is called outside; `undefined`: none is. */
  readonly inputs: ReadonlyMap<string, string | undefined>;
  /** Name of an output → stream, as it is called inside. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Finds out what streams are called in the document that has all parts in it. */
export class StreamNames {
  /** Where names stand that mean nothing, which was reported. */
  readonly refused = new Set<string>();
  readonly #sources: ReadonlySet<string>;
  readonly #issues: IssueList;

  /** @param sources - names of the document's sources */
  constructor(sources: readonly string[], issues: IssueList) {
    this.#sources = new Set(sources);
    this.#issues = issues;
  }

  /**
   * The name of a stream that is read somewhere in `scope`, at the pointer `at` of the document with
   * all parts; `undefined` if it means nothing, which is reported.
   */
  resolve(stream: string, scope: Scope, at: string): string | undefined {
    const found = this.#find(stream, scope, at, new Set());
    if (found === undefined) this.refused.add(at);
    return found;
  }

  #find(stream: string, scope: Scope, at: string, passed: Set<string>): string | undefined {
    const key = `${scope.prefix} ${stream}`;
    if (passed.has(key)) {
      this.#issues.add(at, `the streams go round: nothing makes '${stream}'`);
      return undefined;
    }
    passed.add(key);
    const { node, port } = parseStreamName(stream);
    const part = scope.parts.get(node);
    if (part !== undefined) {
      const output = port === MAIN_PORT ? OWN_OUTPUT : port;
      const inner = part.outputs.get(output);
      const place = part.root + pointer('outputs', output);
      if (inner !== undefined) return this.#find(inner, part, place, passed);
      this.#refuseOutput(node, port, part, at);
      return undefined;
    }
    if (!isPart(scope)) {
      // The checks of the graph know what to say of a name that means nothing, but not where it stands.
      if (passed.size === 1 || this.#sources.has(node) || scope.operators.has(node)) return stream;
      this.#refuseName(stream, [...this.#sources, ...scope.operators.keys()], at);
      return undefined;
    }
    if (scope.inputs.has(stream)) {
      const outside = scope.inputs.get(stream);
      const place = scope.include + pointer('inputs', stream);
      return outside === undefined ? undefined : this.#find(outside, scope.outer, place, passed);
    }
    if (scope.operators.has(node)) return scope.prefix + stream;
    this.#refuseName(stream, [...scope.inputs.keys(), ...scope.operators.keys()], at);
    return undefined;
  }

  #refuseOutput(node: string, port: string, { outputs }: PartScope, at: string): void {
    const streams = [...outputs.keys()].map((name) => `${node}.${name}`);
    const near = nearestName(`${node}.${port}`, streams);
    const what =
      port === MAIN_PORT
        ? `expected one output of '${node}'`
        : `'${node}' has no output '${port}'; expected`;
    const separator = port === MAIN_PORT ? ': ' : ' ';
    this.#issues.add(at, `${what}${separator}${list(streams, 'or')}`, near);
  }

  #refuseName(stream: string, names: readonly string[], at: string): void {
    const known = [...new Set(names)];
    const message = `unknown stream '${stream}'${someOf(known)}`;
    this.#issues.add(at, message, nearestName(stream, known));
  }
}

function isPart(scope: Scope): scope is PartScope {
  return 'outer' in scope;
}

/** The pointer of an operator in the document with all parts. */
export function operatorPointer(scope: Scope, name: string): string {
  return pointer('operators', scope.prefix + name);
}
