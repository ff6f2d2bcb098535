/**
 * Question: what does a row cost in a map, by type and formula?
 *
 * The answer is the sum of the results.
 *
 * @module
 */

import { type ColumnTable } from 'arquero';
import { type DataType, FLOAT64, INT32, INT64 } from '../../../src/core/types.ts';
import { arqueroSubject } from '../arquero-peer.ts';
import { batchesOf, type Values } from '../batches.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import { CountingOutbox, makeKernel, planOperators, workerMemory } from '../millrace.ts';
import { randomNumbers } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject, warmLoop } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';

/** Rows `from` to `to` of a column of results. */
type Loop = (x: Values, y: Values, out: Values, from: number, rows: number) => void;

interface Formula {
  readonly name: string;
  /** Its name in `map.cpp`. */
  readonly program: string;
  readonly text: string;
  readonly sql: string;
  /** As a row of Arquero's `d` sees it. */
  readonly row: string;
  readonly type: DataType;
  readonly sqlType: 'DOUBLE' | 'INTEGER' | 'BIGINT';
  readonly make: (rows: number) => Values;
  readonly bound: number;
  readonly loop: Loop;
}

const double = {
  type: FLOAT64,
  sqlType: 'DOUBLE',
  make: (n: number) => new Float64Array(n),
  bound: 1000,
} as const;

const FORMULAS: readonly Formula[] = [
  {
    ...double,
    name: 'f64 x * 0.908',
    program: 'scale',
    text: 'x * 0.908',
    sql: 'x * 0.908::DOUBLE',
    row: 'd.x * 0.908',
    loop: (x, _y, out, from, rows) => {
      const [a, to] = [x as Float64Array, out as Float64Array];
      for (let row = 0; row < rows; row++) to[row] = a[from + row]! * 0.908;
    },
  },
  {
    ...double,
    name: 'f64 (x * 1.07 + y * 0.3 - 5) / (y + 1)',
    program: 'formula',
    text: '(x * 1.07 + y * 0.3 - 5.0) / (y + 1.0)',
    sql: '(x * 1.07::DOUBLE + y * 0.3::DOUBLE - 5) / (y + 1)',
    row: '(d.x * 1.07 + d.y * 0.3 - 5) / (d.y + 1)',
    loop: (x, y, out, from, rows) => {
      const [a, b, to] = [x as Float64Array, y as Float64Array, out as Float64Array];
      for (let row = 0; row < rows; row++) {
        const value = b[from + row]!;
        to[row] = (a[from + row]! * 1.07 + value * 0.3 - 5) / (value + 1);
      }
    },
  },
  {
    name: 'i64 x * 3 + y',
    program: 'linear',
    text: 'x * 3 + y',
    sql: 'x * 3 + y',
    row: 'd.x * 3 + d.y',
    type: INT64,
    sqlType: 'BIGINT',
    make: (n) => new BigInt64Array(n),
    bound: 1e12,
    loop: (x, y, out, from, rows) => {
      const [a, b, to] = [x as BigInt64Array, y as BigInt64Array, out as BigInt64Array];
      for (let row = 0; row < rows; row++) to[row] = a[from + row]! * 3n + b[from + row]!;
    },
  },
  {
    name: 'i32 MOD(x, 123)',
    program: 'mod',
    text: 'MOD(x, 123)',
    sql: 'x % 123',
    row: 'd.x % 123',
    type: INT32,
    sqlType: 'INTEGER',
    make: (n) => new Int32Array(n),
    bound: 1e9,
    loop: (x, _y, out, from, rows) => {
      const [a, to] = [x as Int32Array, out as Int32Array];
      for (let row = 0; row < rows; row++) to[row] = a[from + row]! % 123;
    },
  },
];

interface Input {
  readonly x: Values;
  readonly y: Values;
}

function makeInput({ make, bound }: Formula, rows: number): Input {
  const random = randomNumbers(99);
  const column = (): Values => {
    const values = make(rows);
    for (let row = 0; row < rows; row++) {
      const value =
        values instanceof Float64Array ? random() * bound : Math.floor(random() * bound);
      values[row] = values instanceof BigInt64Array ? BigInt(value) : value;
    }
    return values;
  };
  return { x: column(), y: column() };
}

const sumOf = (values: Values, rows: number): number => {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += Number(values[row]);
  return sum;
};

async function millraceSubject(formula: Formula, { x, y }: Input): Promise<KernelSubject> {
  const { type, text } = formula;
  const memory = workerMemory();
  const batches = batchesOf(memory, { x: { type, values: x }, y: { type, values: y } });
  const plan = planOperators(
    { in: { schema: { x: type.kind, y: type.kind } } },
    { mapped: { type: 'map', input: 'in', select: { z: text } } },
  ).get('mapped')!;
  const kernel = await makeKernel('mapped', plan, memory);
  const out = new CountingOutbox(plan, memory);
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) kernel.onBatch(0, batches[b]!, out);
  };
  const answer = (): Answer => {
    let sum = 0;
    out.take = ({ columns: [z], selection, selected }) => {
      for (let i = 0; i < selected; i++) {
        const row = selection[i]!;
        if (z!.storage === 'f64') sum += z!.f64[row]!;
        else sum += z!.storage === 'i64' ? z!.getI64AsNumber(row) : z!.words[row]!;
      }
    };
    pass();
    out.take = undefined;
    return [sum];
  };
  return loopSubject('millrace', x.length, pass, answer);
}

function plainSubject({ make, loop }: Formula, { x, y }: Input): KernelSubject {
  const out = make(BATCH_ROWS);
  warmLoop(() => loop(x, y, out, 0, 16));
  const pass = (): void => {
    for (let from = 0; from < x.length; from += BATCH_ROWS) loop(x, y, out, from, BATCH_ROWS);
  };
  const answer = (): Answer => {
    let sum = 0;
    for (let from = 0; from < x.length; from += BATCH_ROWS) {
      loop(x, y, out, from, BATCH_ROWS);
      sum += sumOf(out, BATCH_ROWS);
    }
    return [sum];
  };
  return loopSubject('javascript', x.length, pass, answer);
}

function arqueroMap({ row }: Formula, { x, y }: Input): KernelSubject {
  const columns = { x: Array.from(x, Number), y: Array.from(y, Number) };
  return arqueroSubject(
    columns,
    (table) => table.derive({ z: `d => ${row}` }),
    (result: ColumnTable) => [(result.array('z') as number[]).reduce((sum, z) => sum + z, 0)],
  );
}

function formulaCase(formula: Formula): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const input = makeInput(formula, workshop.rows);
    const { x, y } = input;
    const all = formula.make(x.length);
    formula.loop(x, y, all, 0, x.length);
    const { sqlType: type, sql, program } = formula;
    const folder = workshop.writeColumns({ ...input });
    return {
      expected: [sumOf(all, all.length)],
      subjects: [
        await millraceSubject(formula, input),
        ...(await workshop.cpp('map', [program, folder], x.length)),
        plainSubject(formula, input),
        ...(await workshop.duckdb(
          { x: { type, values: x }, y: { type, values: y } },
          `SELECT sum((${sql})::DOUBLE) FROM $table`,
        )),
        arqueroMap(formula, input),
      ],
    };
  };
  return { name: `map ${formula.name}`, program: 'map', prepare };
}

/** Every formula. */
export const mapCases: readonly KernelCase[] = FORMULAS.map(formulaCase);
