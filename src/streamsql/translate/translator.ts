/** From statements to a document: each stream by what gives it, whatever the order of statements. @module */

import { nearestName } from '../../core/nearest-name.ts';
import type { JsonValue } from '../../core/topology/model.ts';
import type { Apply, CreateStream, Name, Statement, StreamExpr } from '../ast.ts';
import { mistake, type Problems } from '../problems.ts';
import { addFunction, addModule } from './apply.ts';
import { Chain, type ChainNames } from './chain.ts';
import type { Context, Variable } from './context.ts';
import { Declarations } from './declarations.ts';
import { caught, errorInput } from './error-input.ts';
import { DocumentBuilder } from './document-builder.ts';
import { addGather } from './gather.ts';
import { addValueJoin } from './join.ts';
import { addPattern } from './pattern.ts';
import { addSelect } from './select.ts';
import {
  addDiscard,
  addMaterialized,
  addMetronome,
  addSink,
  addSource,
  addTable,
} from './sources.ts';
import { type Column, ERROR_COLUMNS, type StreamInfo } from './stream-info.ts';
import {
  addBsort,
  addHeartbeat,
  addLock,
  addMerge,
  addUnion,
  unitedColumns,
} from './stream-operators.ts';
import { addTableChange } from './table-change.ts';

type Query = Extract<Statement, { kind: 'query' }>;
/** A statement that puts rows into streams. */
type Writer = Query | Apply;

/** Translates the statements of a program; mistakes go to `problems`. */
export class Translator implements Context {
  readonly builder = new DocumentBuilder();
  readonly declarations: Declarations;
  readonly #statements: readonly Statement[];
  readonly #problems: Problems;
  /** By stream: the statements that name it behind INTO, and behind ERROR INTO. */
  readonly #writers = new Map<string, Writer[]>();
  readonly #errorWriters = new Map<string, Writer[]>();
  /** What a statement gave, by stream. `null` while it is being translated. */
  readonly #results = new Map<Writer, ReadonlyMap<string, StreamInfo> | null>();
  /** Streams of rows in error, by the stream that takes them. */
  readonly #errors = new Map<string, string[]>();
  /** The stream for errors of statements that name none, and these statements. */
  readonly #errorInput: Name | undefined;
  readonly #caught: ReadonlySet<Writer> | undefined;
  readonly #streams = new Map<string, StreamInfo>();
  readonly #variables = new Map<string, Variable>();

  constructor(statements: readonly Statement[], problems: Problems) {
    this.#statements = statements;
    this.#problems = problems;
    this.declarations = new Declarations(statements, problems);
    for (const name of this.declarations.streams.keys()) this.builder.reserve(name);
    const writers = statements.filter(
      (statement) => statement.kind === 'query' || statement.kind === 'apply',
    );
    this.#errorInput = problems.attempt(() => errorInput(statements));
    this.#caught = this.#errorInput && caught(writers, this.#errorInput);
    for (const writer of writers) problems.attempt(() => this.#noteWriter(writer));
  }

  /** Translates everything. */
  translate(stream: StreamExpr, names: ChainNames): StreamInfo {
    if (stream.kind === 'stream') return this.stream(stream.name);
    const chain = new Chain(this.builder, names);
    this.#add(stream, chain);
    return chain.end();
  }

  /** Adds all nodes of the program to the document. */
  run(): void {
    for (const [name, { kind, name: at }] of this.declarations.streams) {
      void name;
      if (kind === 'stream' || kind === 'metronome') {
        this.#problems.attempt(() => this.stream(at));
      }
    }
    for (const table of this.declarations.tables.values()) {
      const { statement } = table;
      this.#problems.attempt(() => {
        if (statement.kind === 'table') addTable(table, statement, this);
        else addMaterialized(table, statement, this);
      });
    }
    for (const writer of this.#statements) {
      if (writer.kind === 'query' || writer.kind === 'apply') {
        this.#problems.attempt(() => this.#result(writer));
      }
    }
    for (const declared of this.declarations.streams.values()) {
      if (declared.kind !== 'stream') continue;
      if (declared.role !== 'output' && declared.role !== 'errorOutput') continue;
      this.#problems.attempt(() => addSink(declared, this.stream(declared.name), this));
    }
  }

  stream(name: Name): StreamInfo {
    const known = this.#streams.get(name.text);
    if (known !== undefined) return known;
    const declared = this.declarations.streams.get(name.text);
    if (declared === undefined) throw this.#unknownStream(name);
    const info = this.#made(declared, name);
    this.#streams.set(name.text, info);
    return info;
  }

  variable(name: string): Variable {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    const { type, initial, update, options, span } = this.declarations.variables.get(name)!;
    const names = {
      base: this.builder.freeName(`${name}/update`),
      last: undefined,
      errors: undefined,
    };
    const control = update && this.translate(update, names);
    const [column, ...more] = control?.columns ?? [];
    if (more.length > 0) {
      throw mistake(span, `a variable is changed by one column, found ${1 + more.length}`);
    }
    const variable = {
      type: this.declarations.type(type).type!,
      initial,
      control,
      column: column?.name,
      options: Object.fromEntries(
        options.map((option) => [option.name.text, option.value]),
      ) as Record<string, JsonValue>,
    };
    this.#variables.set(name, variable);
    return variable;
  }

  #noteWriter(writer: Writer): void {
    const into = writer.kind === 'query' ? writer.into : undefined;
    const streams = writer.kind === 'apply' ? writer.into.map(({ stream }) => stream) : [];
    for (const name of into === undefined ? streams : [into]) {
      this.#checkTarget(name);
      note(this.#writers, name.text, writer);
    }
    const errorInto = this.#errorInto(writer);
    if (errorInto === undefined) return;
    this.#checkTarget(errorInto);
    note(this.#errorWriters, errorInto.text, writer);
  }

  /** Where errors of a statement go. */
  #errorInto(writer: Writer): Name | undefined {
    return this.#caught?.has(writer) === true ? this.#errorInput : writer.errorInto;
  }

  #checkTarget(name: Name): void {
    const declared = this.declarations.streams.get(name.text);
    if (declared === undefined) throw this.#unknownStream(name);
    if (declared.kind === 'metronome' || declared.role === 'input') {
      throw mistake(name.span, `'${name.text}' is an input: its rows come from outside`);
    }
  }

  #unknownStream(name: Name): Error {
    const names = [...this.declarations.streams.keys()];
    if (this.declarations.tables.has(name.text)) {
      const message = `'${name.text}' is a table; expected a stream`;
      return mistake(name.span, `${message}: tables are read FROM stream, table`);
    }
    const message = `there is no stream '${name.text}'; CREATE STREAM declares it`;
    return mistake(name.span, message, nearestName(name.text, names));
  }

  /** A declared stream: a source, what a statement gives, or the union of what several do. */
  #made(declared: ReturnType<Declarations['streams']['get']> & object, name: Name): StreamInfo {
    if (declared.kind === 'metronome') return addMetronome(declared, this);
    if (declared.role === 'input') return this.#source(declared);
    if (declared.role === 'errorInput') this.#readSources();
    const writers = this.#writers.get(name.text) ?? [];
    const errorWriters = this.#errorWriters.get(name.text) ?? [];
    const given = writers.map((writer) => this.#result(writer).get(name.text)!);
    for (const writer of errorWriters) this.#result(writer);
    const errors = (this.#errors.get(name.text) ?? []).map((ref): StreamInfo => ({
      ref,
      columns: ERROR_COLUMNS,
      hasTime: false,
    }));
    const infos = [...given, ...errors];
    const [first, second] = infos;
    if (first === undefined) {
      // A statement that has a mistake may be what would give it.
      if (this.#problems.hasAny) return { ref: name.text, columns: undefined, hasTime: true };
      const message = `nothing gives '${declared.name.text}' rows`;
      throw mistake(
        declared.name.span,
        `${message}: expected a statement INTO ${declared.name.text}`,
      );
    }
    const info = second === undefined ? first : this.#united(declared, infos);
    return this.#asDeclared(declared, info);
  }

  #readSources(): void {
    for (const declared of this.declarations.streams.values()) {
      if (declared.kind === 'stream' && declared.role === 'input') this.stream(declared.name);
    }
  }

  /** Rows that a file or a module gives and that cannot be read are errors as well. */
  #source(declared: CreateStream): StreamInfo {
    const errors = this.#errorsOf(this.#errorInput);
    return addSource(declared, this, errors);
  }

  #united({ name, span, role }: CreateStream, infos: readonly StreamInfo[]): StreamInfo {
    const called = role === 'plain' ? name.text : this.builder.freeName(`${name.text}/union`);
    const inputs = infos.map(({ ref }) => ref);
    const node = { type: 'union', inputs, columns: 'loose' };
    this.builder.add('operators', called, node, span);
    const hasTime = infos.every((info) => info.hasTime);
    return { ref: called, columns: unitedColumns(infos), hasTime };
  }

  /** Columns that the declaration writes out are those that rows have. */
  #asDeclared({ fields, name }: CreateStream, info: StreamInfo): StreamInfo {
    if (fields === undefined) return info;
    const declared = this.declarations.columns(fields);
    const names = (columns: readonly Column[]): string =>
      columns.map((column) => column.name).join(', ');
    if (info.columns !== undefined && names(info.columns) !== names(declared)) {
      const message = `'${name.text}' is declared with the columns ${names(declared)}`;
      throw mistake(name.span, `${message}, and given ${names(info.columns)}`);
    }
    return { ...info, columns: declared };
  }

  #result(writer: Writer): ReadonlyMap<string, StreamInfo> {
    const known = this.#results.get(writer);
    if (known === null) throw mistake(writer.span, 'this statement reads what it gives');
    if (known !== undefined) return known;
    this.#results.set(writer, null);
    try {
      const result = writer.kind === 'query' ? this.#query(writer) : this.#apply(writer);
      this.#results.set(writer, result);
      return result;
    } catch (error) {
      this.#results.delete(writer);
      throw error;
    }
  }

  #query(query: Query): ReadonlyMap<string, StreamInfo> {
    const { stream, into, span } = query;
    const errors = this.#errorsOf(this.#errorInto(query));
    if (into !== undefined) {
      return new Map([[into.text, this.translate(stream, { ...this.#names(into), errors })]]);
    }
    const base = stream.kind === 'change' ? stream.table.text : 'query';
    const info = this.translate(stream, { base, last: undefined, errors });
    addDiscard(info.ref, info.ref, span, this);
    return new Map();
  }

  #apply(apply: Apply): ReadonlyMap<string, StreamInfo> {
    const [first, second] = apply.into;
    const into = first!.stream;
    if (apply.what === 'module') {
      const name = this.builder.freeName(`${into.text}/module`);
      const outputs = addModule(apply, name, this, this.builder);
      // Outputs of a part have names of their own there: these have those of the program.
      const named = apply.into.map(({ stream, inner }) => {
        const chain = new Chain(this.builder, this.#names(stream));
        chain.start(outputs.get(stream.text)!);
        const map = { type: 'map', select: { '*': true } };
        chain.add(inner!.text, map, { columns: undefined }, stream.span);
        return [stream.text, chain.end()] as const;
      });
      return new Map(named);
    }
    if (second !== undefined) {
      throw mistake(second.stream.span, 'a function gives one stream');
    }
    const declared = this.declarations.streams.get(into.text);
    const fields = declared?.kind === 'stream' ? declared.fields : undefined;
    const columns = fields && this.declarations.columns(fields);
    const errors = this.#errorsOf(this.#errorInto(apply));
    const chain = new Chain(this.builder, { ...this.#names(into), errors });
    addFunction(apply, columns, into, this, chain);
    return new Map([[into.text, chain.end()]]);
  }

  /** Names for what gives a stream: the last operator is called as the stream, unless a sink is. */
  #names(into: Name): ChainNames {
    const declared = this.declarations.streams.get(into.text);
    const isPlain = declared?.kind === 'stream' && declared.role === 'plain';
    const writers =
      (this.#writers.get(into.text)?.length ?? 0) +
      (this.#errorWriters.get(into.text)?.length ?? 0);
    return {
      base: into.text,
      last: isPlain && writers === 1 ? into.text : undefined,
      errors: undefined,
    };
  }

  #errorsOf(name: Name | undefined): string[] | undefined {
    if (name === undefined) return undefined;
    const errors = this.#errors.get(name.text) ?? [];
    this.#errors.set(name.text, errors);
    return errors;
  }

  #add(stream: Exclude<StreamExpr, { kind: 'stream' }>, chain: Chain): void {
    switch (stream.kind) {
      case 'select':
        return addSelect(stream, this, chain);
      case 'pattern':
        return addPattern(stream, this, chain);
      case 'vjoin':
        return addValueJoin(stream, this, chain);
      case 'change':
        return addTableChange(stream, this, chain);
      case 'union':
        return addUnion(stream, this, chain);
      case 'bsort':
        return addBsort(stream, this, chain);
      case 'merge':
        return addMerge(stream, this, chain);
      case 'gather':
        return addGather(stream, this, chain);
      case 'heartbeat':
        return addHeartbeat(stream, this, chain);
      case 'lock':
      case 'unlock':
        return addLock(stream, this, chain);
    }
  }
}

function note<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key) ?? [];
  values.push(value);
  map.set(key, values);
}
