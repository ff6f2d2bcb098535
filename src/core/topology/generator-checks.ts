/** Checks of a generator source that go beyond its shape. @module */

import { nearestName } from '../nearest-name.ts';
import { type DataType, parseTypeName, typeName } from '../types.ts';
import { DISTRIBUTION_KINDS, type DistributionDocument } from './document/distributions.ts';
import type { SourceDocument } from './document/sources.ts';
import { list, show } from './issues.ts';
import { entriesOf, keysOf } from './key-order.ts';
import { isLiteralOf } from './literals.ts';
import type { JsonValue } from './model.ts';
import type { Loose, NodeReport } from './node-report.ts';

type GeneratorDocument = Loose<Extract<SourceDocument, { connector: 'generator' }>>;
type DistributionKind = (typeof DISTRIBUTION_KINDS)[number];

/** Checks `fields` against `schema`, each distribution against its type, and the rate. */
export function checkGenerator(source: GeneratorDocument, report: NodeReport): void {
  checkRate(source.rate, report);
  const { schema, fields } = source;
  if (schema === undefined || !report.isOfKind('schema')) return;
  if (fields === undefined || !report.isOfKind('fields')) return;
  const columns = keysOf(schema);
  for (const [name, distribution] of entriesOf(fields)) {
    if (!columns.includes(name)) {
      const message = `'${name}' is not a column of the schema`;
      report.add(['fields', name], message, nearestName(name, columns));
    }
    if (!report.isSound('fields', name)) continue;
    const type = report.isSound('schema', name) ? parseTypeName(schema[name] ?? '') : undefined;
    checkDistribution({ steps: ['fields', name], type, report }, distribution);
  }
  for (const name of columns) {
    if (Object.hasOwn(fields, name)) continue;
    report.add(['fields'], `column '${name}' of the schema has no distribution`);
  }
}

function checkRate(rate: GeneratorDocument['rate'], report: NodeReport): void {
  if (typeof rate !== 'object' || !report.isSound('rate')) return;
  if (rate.phases.some((phase) => phase.rate > 0)) return;
  report.add(['rate', 'phases'], 'expected a phase in which rows come');
}

/** What a distribution is for. */
interface Use {
  /** Steps from the source to the distribution. */
  readonly steps: readonly (string | number)[];
  /** The type of the values it must make; `undefined`: not known, and not checked. */
  readonly type: DataType | undefined;
  readonly report: NodeReport;
}

const NUMERIC: readonly DataType['kind'][] = ['int32', 'int64', 'float64', 'decimal'];

/** Types that each distribution can make; those not listed depend on their parameters. */
const MAKES: Partial<Record<DistributionKind, readonly DataType['kind'][]>> = {
  sequence: NUMERIC,
  uniform: NUMERIC,
  normal: NUMERIC,
  exponential: NUMERIC,
  zipf: NUMERIC,
  bool: ['bool'],
  template: ['string'],
  time: ['timestamp'],
};

function checkDistribution(use: Use, distribution: DistributionDocument): void {
  const kinds = DISTRIBUTION_KINDS.filter((kind) => distribution[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kinds.length > 1 ? list(kinds) : 'none of them';
    use.report.add(use.steps, `expected one of ${DISTRIBUTION_KINDS.join(', ')}, found ${found}`);
    return;
  }
  checkCompanion(use, distribution, 'weights', kind === 'choice', 'choice');
  checkCompanion(
    use,
    distribution,
    'of',
    kind === 'null' || kind === 'template',
    'null or template',
  );
  const makes = MAKES[kind];
  if (use.type !== undefined && makes?.includes(use.type.kind) === false) {
    const made = makes === NUMERIC ? 'numbers' : makes.join(', ');
    const message = `'${kind}' makes ${made}, and the column is ${typeName(use.type)}`;
    use.report.add([...use.steps, kind], message);
    return;
  }
  checkParameters(use, kind, distribution);
}

function checkCompanion(
  use: Use,
  distribution: DistributionDocument,
  property: 'weights' | 'of',
  belongs: boolean,
  owner: string,
): void {
  if (distribution[property] === undefined || belongs) return;
  use.report.add([...use.steps, property], `'${property}' goes with ${owner} only`);
}

function checkParameters(use: Use, kind: DistributionKind, d: DistributionDocument): void {
  switch (kind) {
    case 'uniform': {
      const [low, high] = d.uniform ?? [0, 0];
      if (low <= high) return checkWhole(use, 'uniform', [low, high]);
      return use.report.add(
        [...use.steps, 'uniform'],
        `expected low ≤ high, found ${show(d.uniform)}`,
      );
    }
    case 'sequence':
      return checkWhole(use, 'sequence', [d.sequence?.start ?? 0, d.sequence?.step ?? 1]);
    case 'constant':
      return checkLiteral(use, ['constant'], d.constant ?? null);
    case 'choice':
      d.choice?.forEach((value, i) => checkLiteral(use, ['choice', i], value));
      return checkWeights(use, d);
    case 'null':
      return checkNullable(use, d);
    case 'template':
      return checkTemplate(use, d);
    default:
      return;
  }
}

/** A whole column cannot start or step in fractions. */
function checkWhole(use: Use, kind: DistributionKind, numbers: readonly number[]): void {
  if (use.type?.kind !== 'int32' && use.type?.kind !== 'int64') return;
  const fits = use.type.kind === 'int32' ? (n: number) => (n | 0) === n : Number.isSafeInteger;
  const wrong = numbers.find((value) => !fits(value));
  if (wrong === undefined) return;
  const message = `expected whole numbers within ${use.type.kind}, found ${show(wrong)}`;
  use.report.add([...use.steps, kind], message);
}

function checkLiteral(use: Use, steps: readonly (string | number)[], value: JsonValue): void {
  if (use.type === undefined || isLiteralOf(use.type, value)) return;
  use.report.add(
    [...use.steps, ...steps],
    `expected a value of type ${typeName(use.type)}, found ${show(value)}`,
  );
}

function checkWeights(use: Use, { choice = [], weights }: DistributionDocument): void {
  if (weights === undefined) return;
  const steps = [...use.steps, 'weights'];
  if (weights.length !== choice.length) {
    const message = `expected as many weights as choices, ${choice.length}, found ${weights.length}`;
    use.report.add(steps, message);
  } else if (weights.every((weight) => weight === 0)) {
    use.report.add(steps, 'expected a weight above 0');
  }
}

function checkNullable(use: Use, { of }: DistributionDocument): void {
  const steps = [...use.steps, 'of'];
  if (of === undefined || Array.isArray(of)) {
    const message = `'null' needs one distribution in 'of' for the values that are not null`;
    use.report.add(of === undefined ? use.steps : steps, message);
    return;
  }
  checkDistribution({ ...use, steps }, of);
}

const PLACEHOLDER = /\{(\d+)\}/g;

function checkTemplate(use: Use, { template = '', of }: DistributionDocument): void {
  const parts = of === undefined ? [] : Array.isArray(of) ? of : [of];
  for (const [written, index] of template.matchAll(PLACEHOLDER)) {
    if (Number(index) < parts.length) continue;
    const message = `${written} has no distribution: 'of' has ${parts.length}`;
    use.report.add([...use.steps, 'template'], message);
  }
  parts.forEach((part, i) => {
    const steps = [...use.steps, 'of', ...(Array.isArray(of) ? [i] : [])];
    if (part.null !== undefined || part.template !== undefined || part.time !== undefined) {
      use.report.add(steps, `a template cannot draw from 'null', 'template' or 'time'`);
      return;
    }
    const isText = part.choice !== undefined || part.constant !== undefined;
    checkDistribution({ ...use, steps, type: isText ? { kind: 'string' } : undefined }, part);
    if ([...(part.choice ?? []), part.constant].includes(null)) {
      use.report.add(steps, 'a part of a template cannot be null');
    }
  });
}
