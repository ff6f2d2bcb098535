/** Calls that may take their time, fail, and be made again. */

import { describe, expect, test } from 'vitest';
import { ask, type AskingOptions, type Outcome } from '../../../src/modules/asking.ts';

const OPTIONS: AskingOptions = {
  timeoutMs: 10_000,
  retry: { times: 2, delayMs: 1, states: undefined },
};

/** Asks, with answers and errors by the number of the call. */
async function askFor(
  answers: readonly (() => unknown)[],
  options: Partial<AskingOptions> = {},
): Promise<{ outcome: Outcome; calls: number; signals: AbortSignal[] }> {
  const signals: AbortSignal[] = [];
  const outcome = await new Promise<Outcome>((resolve) => {
    ask(
      (signal) => {
        signals.push(signal);
        return answers[signals.length - 1]!();
      },
      { ...OPTIONS, ...options },
      resolve,
    );
  });
  return { outcome, calls: signals.length, signals };
}

const fail = (message: string, properties: object = {}): never => {
  throw Object.assign(new Error(message), properties);
};
const reject = (message: string, properties: object = {}): Promise<never> =>
  Promise.reject(Object.assign(new Error(message), properties));

describe('an answer', () => {
  test('may come at once', () => {
    const outcomes: Outcome[] = [];
    ask(
      () => [1],
      OPTIONS,
      (outcome) => outcomes.push(outcome),
    );
    expect(outcomes).toEqual([{ answer: [1] }]);
  });

  test('may come later, and after failures', async () => {
    const { outcome, calls } = await askFor([
      () => fail('lost'),
      () => reject('lost again'),
      () => Promise.resolve('there'),
    ]);
    expect(outcome).toEqual({ answer: 'there' });
    expect(calls).toBe(3);
  });
});

describe('a failure', () => {
  test('is final when it has happened too often', async () => {
    const { outcome, calls } = await askFor([1, 2, 3].map((n) => () => reject(`lost ${n}`)));
    expect(outcome).toMatchObject({ message: 'lost 3, after 3 calls', isTimeout: false });
    expect(calls).toBe(3);
  });

  test('is final at once in a state that is not to be tried again', async () => {
    const retry = { times: 5, delayMs: 1, states: ['40001', 'ECONNRESET'] };
    const states: readonly [object, number][] = [
      [{ code: 'ECONNRESET' }, 2],
      [{ sqlState: '40001', code: 7 }, 2],
      [{ code: 'EACCES' }, 1],
      [{}, 1],
    ];
    for (const [properties, calls] of states) {
      const asked = await askFor([() => fail('lost', properties), () => 'there'], { retry });
      expect(asked.calls).toBe(calls);
    }
    const { outcome } = await askFor([() => fail('no', { code: 'EACCES' })], { retry });
    expect(outcome).toMatchObject({ message: 'no (EACCES), after 1 call' });
  });
});

describe('a call without an answer', () => {
  test('has failed after some time, and its answer is nobody’s', async () => {
    const late = Promise.withResolvers<string>();
    const retry = { times: 1, delayMs: 1, states: ['TIMEOUT'] };
    const { outcome, calls, signals } = await askFor(
      [() => late.promise, () => new Promise(() => undefined)],
      { timeoutMs: 20, retry },
    );
    expect(outcome).toMatchObject({
      message: 'no answer within 20 ms, after 2 calls',
      isTimeout: true,
    });
    expect(calls).toBe(2);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
    late.reject(new Error('too late'));
    // A stray rejection would end the process.
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('is given up', async () => {
    let signal: AbortSignal | undefined;
    const giveUp = ask(
      (given) => {
        signal = given;
        return new Promise(() => undefined);
      },
      OPTIONS,
      () => fail('it was given up'),
    );
    giveUp();
    expect(signal!.aborted).toBe(true);
  });
});
