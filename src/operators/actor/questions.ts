/** Asks the instances of one task for what they know. @module */

import { Batch } from '../../core/batch.ts';
import { layoutBatch } from '../../core/batch-layout.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Schema } from '../../core/schema.ts';
import { RowWriter } from '../../rows/row-writer.ts';
import { misfit, writeUserRow } from '../user-rows.ts';
import { type Answer, answerTo, readProperty } from './answers.ts';
import type { ActorClass } from './contract.ts';
import type { Instance } from './instance.ts';
import type { Instances } from './instances.ts';
import { KeyReader } from './keys.ts';

/** What is asked of an actor from outside. */
export interface ActorQuestion {
  /** The key of an instance; `undefined`: all instances of a task together are asked. */
  readonly key: readonly unknown[] | undefined;
  readonly names: readonly string[];
}

/** What one task answers. */
export interface TaskAnswer extends Answer {
  /** It has the instance that was asked for; true where none was. */
  readonly found: boolean;
}

/** The kernel of an actor, for those who ask it between two of its calls. */
export interface Answering {
  /** @throws MillraceError `ERR_USAGE` for a key that cannot be one */
  answer(question: ActorQuestion): TaskAnswer;
}

const NO_INSTANCE = 'there is no instance with this key';
const KEY_ROWS = 64;
const KEY_HEAP_BYTES = 64 * 1024;

/** All questions to the instances of a task. */
export class Questions {
  readonly #instances: Instances;
  readonly #create: ActorClass;
  readonly #keySchema: Schema;
  readonly #reader: KeyReader;
  #key: { readonly writer: RowWriter; readonly batch: Batch } | undefined;
  /** An instance is being asked: it may look, and do nothing. */
  isAsking = false;

  /** @param keySchema - the columns of a key */
  constructor(instances: Instances, create: ActorClass, keySchema: Schema) {
    this.#instances = instances;
    this.#create = create;
    this.#keySchema = keySchema;
    this.#reader = new KeyReader(keySchema.map((_, k) => k));
  }

  /** Asks the instance of a key, or all. */
  ask({ key, names }: ActorQuestion): TaskAnswer {
    if (key === undefined) return { found: true, ...this.askAll(names) };
    const instance = this.#instances.find(this.#reader, this.#readKey(key), 0);
    return { found: instance !== undefined, ...this.askOne(instance, names) };
  }

  /** The instance for the row that `reader` has read last. */
  askRow(reader: KeyReader, batch: Batch, row: number, names: readonly string[]): Answer {
    return this.askOne(this.#instances.find(reader, batch, row), names);
  }

  /** Properties and getters of an instance. */
  askOne(instance: Instance | undefined, names: readonly string[]): Answer {
    return this.#look(names, (name) => {
      if (instance === undefined) throw new Error(NO_INSTANCE);
      const { hasExpired } = instance;
      try {
        return readProperty(instance.actor, name);
      } finally {
        instance.hasExpired = hasExpired;
      }
    });
  }

  /** How many there are (`count`), and static properties and getters of their class. */
  askAll(names: readonly string[]): Answer {
    return this.#look(names, (name) =>
      name === 'count' ? this.#instances.count : readProperty(this.#create, name),
    );
  }

  #look(names: readonly string[], read: (name: string) => unknown): Answer {
    this.isAsking = true;
    try {
      return answerTo(names, read);
    } finally {
      this.isAsking = false;
    }
  }

  /** A row of the columns of a key, read. */
  #readKey(key: readonly unknown[]): Batch {
    const schema = this.#keySchema;
    if (key.length !== schema.length) {
      const names = schema.map(({ name }) => name).join(', ');
      const expected = `expected a key of ${schema.length} values (${names})`;
      throw new MillraceError('ERR_USAGE', `${expected}, found ${key.length}`);
    }
    this.#key ??= {
      writer: new RowWriter(schema),
      batch: Batch.allocate(layoutBatch({ schema, hasTime: false }, KEY_ROWS, KEY_HEAP_BYTES)),
    };
    const { writer, batch } = this.#key;
    batch.reset();
    const outcome = writeUserRow(writer, batch, key);
    if (outcome !== null && outcome !== 'full') {
      throw new MillraceError('ERR_USAGE', `this cannot be a key: ${misfit(outcome)}`);
    }
    if (!this.#reader.read(batch, 0)) {
      throw new MillraceError('ERR_USAGE', 'a key with a null is for no instance');
    }
    return batch;
  }
}
