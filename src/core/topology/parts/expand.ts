/**
 * Puts the operators of parts in the place of the includes that name them.
 *
 * Operators get the name of the include before their own, `ctr/valid`, and read the streams that are
 * handed in; who reads an output of the include reads the stream behind it. The result is a document
 * without includes, but for those that are in error. Where its operators come from is noted, so that
 * every later problem is reported at the include, with the file and the place in it.
 *
 * @module
 */

import { nearestName } from '../../nearest-name.ts';
import { parseTypeName } from '../../types.ts';
import { IssueList, pointer } from '../issues.ts';
import { entriesOf, keysOf, objectOf } from '../key-order.ts';
import type { IncludedParts, JsonValue, PartInput, PartPlace } from '../model.ts';
import { someOf } from '../node-report.ts';
import { type IncludeDocument, includeDocument } from '../operators/include.ts';
import { type JsonObject, isObject, valueAt, withValueAt } from '../place.ts';
import { parseStreamName } from '../ports.ts';
import { sideInputsOf } from '../operators/side-inputs.ts';
import type { Environment } from '../substitute.ts';
import { partOfChoice } from './choice.ts';
import { placeText } from './origins.ts';
import { operatorOf, type ReadPart, readPart } from './read-part.ts';
import { operatorPointer, type PartScope, type Scope, StreamNames } from './scope.ts';

/** More than any topology needs; ends parts that include each other over and over. */
const MAX_PARTS = 1000;

/** A document with its parts in it. */
export interface Expanded {
  readonly document: JsonValue;
  /** `undefined`: it has no includes. */
  readonly included: IncludedParts | undefined;
  /** Where names of streams stand that mean nothing, which was reported. */
  readonly refused: ReadonlySet<string>;
}

/** What parts are read with. */
export interface ExpandOptions {
  readonly env: Environment;
  readonly readPart: ReadPart;
}

/**
 * Replaces the includes of a document by the operators of their parts.
 *
 * @param issues - takes problems, at pointers of the result
 */
export function expandParts(
  document: JsonValue,
  options: ExpandOptions,
  issues: IssueList,
): Expanded {
  const operators = valueAt(document, ['operators']);
  if (!isObject(operators) || !entriesOf(operators).some(([, node]) => isInclude(node))) {
    return { document, included: undefined, refused: new Set() };
  }
  const sources = valueAt(document, ['sources']);
  const names = isObject(sources) ? keysOf(sources) : [];
  return new Expander(options, names, issues).expand(document, operators);
}

function isInclude(node: JsonValue): boolean {
  return isObject(node) && node['type'] === 'include';
}

/** The files on the way to a part, outermost first. */
type Trail = readonly { readonly file: string; readonly identity: string }[];

/** An include of one file. */
type OneFile = IncludeDocument & { readonly file: string };

/** One use of a part. */
interface Use {
  readonly include: OneFile;
  readonly prefix: string;
  /** The pointer of the include in the document with all parts. */
  readonly at: string;
  readonly outer: Scope;
}

/** A stream handed in, as the part declares it. */
interface ExpectedInput {
  readonly name: string;
  readonly stream: string;
  readonly declared: JsonValue;
  readonly use: Use;
}

class Expander {
  readonly #env: Environment;
  readonly #readPart: ReadPart;
  readonly #issues: IssueList;
  readonly #names: StreamNames;
  readonly #places: PartPlace[] = [];
  readonly #inputs: PartInput[] = [];
  readonly #expected: ExpectedInput[] = [];
  #parts = 0;

  constructor(options: ExpandOptions, sources: readonly string[], issues: IssueList) {
    this.#env = options.env;
    this.#readPart = options.readPart;
    this.#issues = issues;
    this.#names = new StreamNames(sources, issues);
  }

  expand(document: JsonValue, operators: JsonObject): Expanded {
    const scope: Scope = { prefix: '', operators: new Map(entriesOf(operators)), parts: new Map() };
    this.#addParts(scope, []);
    const nodes = this.#withUniqueNames(this.#nodesOf(scope));
    let expanded = withValueAt(document, ['operators'], () => objectOf(nodes));
    expanded = this.#withSinks(expanded, scope);
    this.#expected.forEach((input) => this.#addInput(input));
    return {
      document: expanded,
      included: { places: this.#places, inputs: this.#inputs },
      refused: this.#names.refused,
    };
  }

  /** The operators of a scope under their full names, with those of parts in place of includes. */
  #nodesOf(scope: Scope): (readonly [string, JsonValue])[] {
    return [...scope.operators].flatMap(([name, node]) => {
      const part = scope.parts.get(name);
      if (part !== undefined) return this.#nodesOf(part);
      const at = operatorPointer(scope, name);
      return [[scope.prefix + name, this.#withStreams(node, scope, at)] as const];
    });
  }

  /** A node with the full names of the streams it reads. */
  #withStreams(node: JsonValue, scope: Scope, at: string): JsonValue {
    if (!isObject(node)) return node;
    const rename = (stream: JsonValue, ...steps: (string | number)[]): JsonValue =>
      typeof stream === 'string' && stream !== ''
        ? (this.#names.resolve(stream, scope, at + pointer(...steps)) ?? stream)
        : stream;
    const sides = new Map(sideInputsOf(node).map((side) => [side.steps[0]!, side]));
    return objectOf(
      entriesOf(node).map(([key, value]) => {
        if (key === 'input') return [key, rename(value, key)];
        const side = sides.get(key);
        if (side !== undefined) {
          const named = rename(side.stream, ...side.steps);
          return [key, isObject(value) ? withValueAt(value, ['input'], () => named) : named];
        }
        if (key !== 'inputs' || !Array.isArray(value)) return [key, value];
        return [key, (value as readonly JsonValue[]).map((stream, i) => rename(stream, key, i))];
      }),
    );
  }

  #withSinks(document: JsonValue, scope: Scope): JsonValue {
    const sinks = valueAt(document, ['sinks']);
    if (!isObject(sinks)) return document;
    const nodes = entriesOf(sinks).map(
      ([name, sink]) => [name, this.#withStreams(sink, scope, pointer('sinks', name))] as const,
    );
    return withValueAt(document, ['sinks'], () => objectOf(nodes));
  }

  /** The first of each name: names of operators of parts may be those of other operators. */
  #withUniqueNames<Node>(
    nodes: readonly (readonly [string, Node])[],
  ): readonly (readonly [string, Node])[] {
    const seen = new Set<string>();
    return nodes.filter(([name]) => {
      if (seen.has(name)) {
        const message = `'${name}' is also the name of another operator; names are unique`;
        this.#issues.add(pointer('operators', name), message);
      }
      return seen.size < seen.add(name).size;
    });
  }

  /** Notes what a part wants of a stream, once all names have a meaning. */
  #addInput({ name, stream, declared, use }: ExpectedInput): void {
    const at = use.at + pointer('inputs', name);
    const resolved = this.#names.resolve(stream, use.outer, at);
    const wanted = wantedOf(declared);
    if (resolved === undefined || wanted === undefined) return;
    this.#inputs.push({ ...parseStreamName(resolved), ...wanted, pointer: at, prefix: use.prefix });
  }

  #addPlace(at: string, inside: string, include: string, file: string): void {
    const outer = this.#places.find((place) => place.at === include);
    const here = file === '' ? '' : `in ${file}`;
    if (outer === undefined) {
      this.#places.push({ at, include, file: here, inside });
    } else {
      const way = [placeText(outer, ''), here].filter((step) => step !== '').join(', ');
      this.#places.push({ at, include: outer.include, file: way, inside });
    }
  }

  /** Reads the parts of a scope's includes, and of theirs. */
  #addParts(scope: Scope, trail: Trail): void {
    for (const [name, node] of scope.operators) {
      if (!isInclude(node)) continue;
      // If its shape is wrong, the check of the whole says so.
      const include = includeDocument.safeParse(node, { jitless: true });
      if (include.success) this.#addPart(name, node as unknown as IncludeDocument, scope, trail);
    }
  }

  #addPart(name: string, include: IncludeDocument, scope: Scope, trail: Trail): void {
    const { file } = include;
    if (typeof file === 'string') this.#addFile(name, { ...include, file }, scope, trail);
    else this.#addChoice(name, include, file, scope, trail);
  }

  #addChoice(
    name: string,
    include: IncludeDocument,
    files: readonly string[],
    scope: Scope,
    trail: Trail,
  ): void {
    const at = operatorPointer(scope, name);
    const document = partOfChoice(include, files, this.#readPart, (steps, message) =>
      this.#issues.add(at + pointer(...steps), message),
    );
    const prefix = `${scope.prefix}${name}/`;
    const one = { ...include, file: files.join(', ') };
    this.#enter(name, document, { include: one, prefix, at, outer: scope }, '', trail);
  }

  /** Gives the include of that name its part, and the part its own. */
  #enter(name: string, document: JsonObject, use: Use, file: string, trail: Trail): void {
    const part = this.#scopeOf(document, use);
    for (const inner of part.operators.keys()) {
      const inside = file === '' ? '' : pointer('operators', inner);
      this.#addPlace(pointer('operators', use.prefix + inner), inside, use.at, file);
    }
    use.outer.parts.set(name, part);
    this.#addParts(part, trail);
  }

  #addFile(name: string, include: OneFile, scope: Scope, trail: Trail): void {
    const at = operatorPointer(scope, name);
    const { file } = include;
    if (include.by !== undefined) {
      this.#issues.add(`${at}/by`, `'by' goes with several files: expected a list of them`);
    }
    const read = this.#parts++ < MAX_PARTS ? this.#readPart(file) : undefined;
    if (read?.ok !== true) {
      const problem = read?.problem ?? `expected no more than ${MAX_PARTS} parts`;
      this.#issues.add(`${at}/file`, problem);
      return;
    }
    const files = [...trail, { file, identity: read.identity }];
    if (trail.some(({ identity }) => identity === read.identity)) {
      const names = files.map((step) => step.file).join(' → ');
      this.#issues.add(`${at}/file`, `the files include each other: ${names}`);
      return;
    }
    const prefix = `${scope.prefix}${name}/`;
    const addPlace = (inner: string, inside: string): void => {
      this.#addPlace(pointer('operators', prefix + inner), inside, at, file);
    };
    addPlace('', '');
    const document = readPart(read.text, {
      include,
      env: this.#env,
      onInclude: (steps, message, near) => this.#issues.add(at + pointer(...steps), message, near),
      onPart: (place, message) => {
        const operator = operatorOf(place);
        if (operator !== undefined) addPlace(operator.name, pointer('operators', operator.name));
        this.#issues.add(placeIn(prefix, place), message);
      },
    });
    if (document === undefined) return;
    this.#enter(name, document, { include, prefix, at, outer: scope }, file, files);
  }

  /** What the names in a part mean; checks that it gets the inputs it wants, and no others. */
  #scopeOf(document: JsonObject, use: Use): PartScope {
    const { include, prefix, at, outer } = use;
    const given = include.inputs ?? {};
    const inputs = new Map<string, string | undefined>();
    const operators = document['operators'] as JsonObject;
    for (const [name, declared] of entriesOf((document['inputs'] ?? {}) as JsonObject)) {
      const stream = Object.hasOwn(given, name) ? given[name] : undefined;
      inputs.set(name, stream);
      if (name.trim() === '' || name.includes('.') || Object.hasOwn(operators, name)) {
        const message = Object.hasOwn(operators, name)
          ? `'${name}' is also the name of /operators/${name}; names are unique`
          : `expected a name without '.' for the input, found ${JSON.stringify(name)}`;
        this.#issues.add(placeIn(prefix, pointer('inputs', name)), message);
      }
      if (stream === undefined) {
        this.#issues.add(at, `missing input '${name}' of ${include.file}; expected a stream`);
        continue;
      }
      this.#expected.push({ name, stream, declared, use });
    }
    for (const name of keysOf(given)) {
      if (inputs.has(name)) continue;
      const names = [...inputs.keys()];
      const message = `${include.file} has no input '${name}'${someOf(names)}`;
      this.#issues.add(at + pointer('inputs', name), message, nearestName(name, names));
    }
    const outputs = entriesOf(document['outputs'] as JsonObject).flatMap(([name, stream]) =>
      typeof stream === 'string' ? [[name, stream] as const] : [],
    );
    return {
      prefix,
      operators: new Map(entriesOf(operators)),
      parts: new Map(),
      outer,
      include: at,
      root: placeIn(prefix, ''),
      inputs,
      outputs: new Map(outputs),
    };
  }
}

/** The pointer that stands for a place of a part in the document that has it. */
function placeIn(prefix: string, at: string): string {
  const operator = operatorOf(at);
  if (operator === undefined) return pointer('operators', prefix) + at;
  return pointer('operators', prefix + operator.name) + operator.beneath;
}

/** What a part wants of an input; `undefined`: its shape is wrong. */
function wantedOf(declared: JsonValue): Pick<PartInput, 'schema' | 'hasTime'> | undefined {
  if (!isObject(declared)) return undefined;
  const { schema = {}, time } = declared;
  if (!isObject(schema)) return undefined;
  const types = entriesOf(schema).map(
    ([name, type]) => [name, typeof type === 'string' ? parseTypeName(type) : undefined] as const,
  );
  if (types.some(([, type]) => type === undefined)) return undefined;
  const fields = types.map(([name, type]) => ({ name, type: type! }));
  return { schema: fields, hasTime: typeof time === 'boolean' ? time : undefined };
}
