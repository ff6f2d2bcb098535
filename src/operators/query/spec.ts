/** What `query` means. @module */

import { CHANGE_FIELD } from '../../core/changes.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type {
  InputStream,
  OperatorPlan,
  OperatorSpec,
  OutputPort,
  ReportIssue,
} from '../../core/operator.ts';
import type { Field, StreamType } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { NamedExpression, QueryOperator, TableDefinition } from '../../core/topology/model.ts';
import type { DataType } from '../../core/types.ts';
import { isInteger, sameType, typeName } from '../../core/types.ts';
import type { Scope, TypedExpr } from '../../expr/index.ts';
import { planCondition, planExpression } from '../expression-issues.ts';
import { withErrorsPort } from '../row-failures.ts';
import { type FindConfig, type QueryConfig, sharedName } from './config.ts';

/**
 * `query` reads or changes a table for each row, one row after the other: what a row has changed, the
 * next one finds. All queries of a table are one task each and on one worker, so a change is whole
 * before anything else of the table is read.
 */
export const querySpec: OperatorSpec<QueryOperator> = {
  kind: 'query',

  plan(
    node: QueryOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
    tables: readonly TableDefinition[] = [],
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const table = tableOf(node.table, tables, report);
    if (table === undefined) return undefined;
    return new QueryPlanner(node, input, table, report).plan();
  },
};

/** The table of a name; `undefined` when there is none, which is reported. */
export function tableOf(
  name: string,
  tables: readonly TableDefinition[],
  report: ReportIssue,
): TableDefinition | undefined {
  const table = tables.find((known) => known.name === name);
  if (table !== undefined) return table;
  const names = tables.map((known) => known.name);
  const known = names.length === 0 ? 'there are no tables' : `there is ${names.join(', ')}`;
  report(['table'], `unknown table '${name}'; ${known}`, nearestName(name, names));
  return undefined;
}

class QueryPlanner {
  readonly #node: QueryOperator;
  readonly #input: InputStream;
  readonly #table: TableDefinition;
  readonly #report: ReportIssue;
  #isSound = true;

  constructor(
    node: QueryOperator,
    input: InputStream,
    table: TableDefinition,
    report: ReportIssue,
  ) {
    this.#node = node;
    this.#input = input;
    this.#table = table;
    this.#report = (path, message, suggestion) => {
      this.#isSound = false;
      report(path, message, suggestion);
    };
  }

  plan(): OperatorPlan | undefined {
    const { action, where, misses, limit, onError } = this.#node;
    const table = this.#table;
    if (action !== 'read' && table.keep !== undefined) {
      const message = `table '${table.name}' keeps the rows of a stream: a query can only read it`;
      this.#report(['do'], message);
    }
    const find = this.#planFind();
    const condition = where && planCondition(where.text, this.#pairs(), ['where'], this.#report);
    const inserted = action === 'insert' || action === 'upsert' ? this.#planInserted() : [];
    const updated = action === 'update' || action === 'upsert' ? this.#planUpdated() : [];
    const select = this.#planSelect();
    if (!this.#isSound || find === undefined) return undefined;
    const config: QueryConfig = {
      table,
      action,
      find,
      where: condition,
      inserted,
      updated,
      select: select.map(({ expr }) => expr),
      misses,
      limit,
    };
    return {
      kind: 'query',
      note: `${action} ${table.name}`,
      config,
      inputs: [this.#input.stream],
      outputs: withErrorsPort(this.#ports(select), onError),
      distribution: { kind: 'single' },
      shares: sharedName(table.name),
      onError,
    };
  }

  #ports(select: readonly Field[]): OutputPort[] {
    const { hasTime } = this.#input.stream;
    const schema = select.map(({ name, type }) => ({ name, type }));
    const ports: OutputPort[] = [{ name: 'out', stream: { schema, hasTime } }];
    if (this.#node.misses === 'port') ports.push({ name: 'misses', stream: this.#input.stream });
    if (this.#node.action === 'read') return ports;
    const changes: StreamType = {
      schema: [...this.#table.schema, CHANGE_FIELD],
      hasTime,
      change: this.#table.schema.length,
    };
    return [...ports, { name: 'changes', stream: changes }];
  }

  /** The input alone. */
  #single(): Scope {
    const { name, stream } = this.#input;
    return { inputs: [{ names: [name], schema: stream.schema }] };
  }

  /** The input, and `t`. */
  #pairs(): Scope {
    const { inputs } = this.#single();
    return { inputs: [...inputs, { names: ['t'], schema: this.#table.schema }] };
  }

  #planFind(): FindConfig | undefined {
    const { key, range, action } = this.#node;
    const { schema } = this.#table;
    if (action === 'insert' || action === 'upsert') return { kind: 'key', values: [] };
    if (range !== undefined) {
      const column = this.#columnOf(range.column, ['range', 'column']);
      if (column === undefined) return undefined;
      if (!this.#table.indexes.includes(range.column)) {
        const message = `'${range.column}' of table '${this.#table.name}' has no index`;
        this.#report(['range', 'column'], `${message}; name it in the table's 'indexes'`);
      }
      const { type } = schema[column]!;
      const bound = (side: 'from' | 'to'): TypedExpr | undefined => {
        const written = range[side];
        return written && this.#fitted(written.text, type, this.#single(), ['range', side]);
      };
      return { kind: 'range', column, from: bound('from'), to: bound('to') };
    }
    const columns = key.map(({ name }) => this.#columnOf(name, ['key', name]));
    const values = key.map(({ name, text }, i) => {
      const at = columns[i];
      return at === undefined
        ? undefined
        : this.#fitted(text, schema[at]!.type, this.#single(), ['key', name]);
    });
    if (!columns.every((at) => at !== undefined) || !values.every((v) => v !== undefined)) {
      return undefined;
    }
    const own = this.#table.key.map((name) => key.findIndex((part) => part.name === name));
    if (own.length > 0 && own.length === key.length && !own.includes(-1)) {
      return { kind: 'key', values: own.map((i) => values[i]!) };
    }
    const [only] = key;
    if (key.length === 1 && this.#table.indexes.includes(only!.name)) {
      return { kind: 'range', column: columns[0]!, from: values[0]!, to: values[0]! };
    }
    return { kind: 'scan', columns, values };
  }

  /** The values of a new row: as set, else the input's of the same name, else null. */
  #planInserted(): TypedExpr[] {
    const { set } = this.#node;
    const { schema, key } = this.#table;
    const { stream } = this.#input;
    this.#checkNames(set);
    return schema.map(({ name, type }): TypedExpr => {
      const written = set.find((column) => column.name === name);
      if (written !== undefined) {
        return this.#fitted(written.text, type, this.#pairs(), ['set', name]) ?? nothing(type);
      }
      if (fieldIndex(stream.schema, name) >= 0) {
        const quoted = `"${name.replaceAll('"', '""')}"`;
        return this.#fitted(quoted, type, this.#single(), ['set', name]) ?? nothing(type);
      }
      if (key.includes(name)) {
        const message = `the key column '${name}' has no value: the input has none of this name`;
        this.#report(['set'], `${message}; set it`);
      }
      return nothing(type);
    });
  }

  /** The values of a row that is changed: as set, else as they were. */
  #planUpdated(): TypedExpr[] {
    const { set, action } = this.#node;
    const { schema, key } = this.#table;
    const width = this.#input.stream.schema.length;
    this.#checkNames(set);
    return schema.map(({ name, type }, position): TypedExpr => {
      const written = set.find((column) => column.name === name);
      const own = {
        op: 'column',
        type,
        input: 1,
        index: width + position,
        position,
        name,
      } as const;
      if (written === undefined || (action === 'upsert' && key.includes(name))) return own;
      if (key.includes(name)) {
        this.#report(
          ['set', name],
          `'${name}' is of the key, which stays: delete and insert the row`,
        );
        return own;
      }
      return this.#fitted(written.text, type, this.#pairs(), ['set', name]) ?? own;
    });
  }

  #checkNames(set: readonly NamedExpression[]): void {
    for (const { name } of set) this.#columnOf(name, ['set', name]);
  }

  #planSelect(): (Field & { readonly expr: TypedExpr })[] {
    const { select } = this.#node;
    const { schema } = this.#input.stream;
    const width = schema.length;
    const own = schema.map(({ name, type }, index) => ({
      name,
      type,
      expr: { op: 'column', type, input: 0, index, position: index, name } as TypedExpr,
    }));
    if (select === undefined) {
      const rest = this.#table.schema.flatMap(({ name, type }, position) => {
        if (fieldIndex(schema, name) >= 0) return [];
        const index = width + position;
        return [
          { name, type, expr: { op: 'column', type, input: 1, index, position, name } as const },
        ];
      });
      return [...own, ...rest];
    }
    const columns = select.keepInput ? own : [];
    for (const { name, text } of select.columns) {
      const expr = planExpression(text, this.#pairs(), ['select', name], this.#report);
      if (expr === undefined) continue;
      const at = columns.findIndex((known) => known.name === name);
      columns[at < 0 ? columns.length : at] = { name, type: expr.type, expr };
    }
    return columns;
  }

  #columnOf(name: string, path: readonly string[]): number | undefined {
    const { schema } = this.#table;
    const at = fieldIndex(schema, name);
    if (at >= 0) return at;
    const names = schema.map((field) => field.name);
    const message = `unknown column '${name}' of table '${this.#table.name}' (${names.join(', ')})`;
    this.#report(path, message, nearestName(name, names));
    return undefined;
  }

  /** An expression whose values go into a column of a type. */
  #fitted(
    text: string,
    type: DataType,
    scope: Scope,
    path: readonly string[],
  ): TypedExpr | undefined {
    const expr = planExpression(text, scope, path, this.#report);
    if (expr === undefined || sameType(expr.type, type)) return expr;
    if (expr.op === 'literal' && expr.value === null) return { ...expr, type };
    if (widens(expr.type, type)) return { op: 'cast', type, operand: expr, isTry: false };
    this.#report(path, `expected ${typeName(type)}, found ${typeName(expr.type)}; cast it`);
    return undefined;
  }
}

/** As in all expressions, numbers widen by themselves; a decimal of another scale is rounded or fails. */
function widens(from: DataType, to: DataType): boolean {
  const ranks = ['int32', 'int64', 'float64'];
  if (from.kind === 'decimal' && to.kind === 'decimal') return true;
  if (to.kind === 'decimal') return isInteger(from);
  const [low, high] = [ranks.indexOf(from.kind), ranks.indexOf(to.kind)];
  return low >= 0 && high > low;
}

function nothing(type: DataType): TypedExpr {
  return { op: 'literal', type, value: null };
}
