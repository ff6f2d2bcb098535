import { describe, expect, test } from 'vitest';
import {
  abortRing,
  allocateBell,
  allocateRing,
  Arena,
  Bell,
  heldSlots,
  NO_SLOT,
  ringBytes,
  RingConsumer,
  RingProducer,
} from '../../../src/ringbuf/index.ts';

function open(slots: number, consumers = 1) {
  const arena = Arena.create(64 * 1024);
  const address = allocateRing(arena, { slots, slotBytes: 64, consumers });
  const producer = new RingProducer(arena.buffer, address, []);
  const cursors = Array.from(
    { length: consumers },
    (_, cursor) => new RingConsumer(arena.buffer, address, cursor),
  );
  return { arena, address, producer, cursors, consumer: cursors[0]! };
}

function send(producer: RingProducer): number {
  const slot = producer.claim();
  if (slot !== NO_SLOT) producer.publish();
  return slot;
}

describe('a ring', () => {
  test('passes the bytes of a slot from one end to the other', () => {
    const { arena, producer, consumer } = open(4);
    new Float64Array(arena.buffer, producer.slotOffset(producer.claim()), 1)[0] = 2.5;
    producer.publish();
    const slot = consumer.peek();
    expect(new Float64Array(arena.buffer, consumer.slotOffset(slot), 1)[0]).toBe(2.5);
  });

  test('has slots on lines of their own', () => {
    const { address, producer } = open(4);
    expect(address.slotBytes).toBe(128);
    expect(producer.slotOffset(1) - producer.slotOffset(0)).toBe(128);
    expect(address.slotsOffset % 128).toBe(0);
  });

  test('takes exactly the bytes that were announced', () => {
    const arena = Arena.create(64 * 1024);
    const before = arena.usedBytes;
    const shape = { slots: 8, slotBytes: 1000, consumers: 3 };
    allocateRing(arena, shape);
    expect(arena.usedBytes - before).toBe(ringBytes(shape));
  });

  test('with one slot alternates', () => {
    const { producer, consumer } = open(1);
    for (let turn = 0; turn < 3; turn++) {
      expect([send(producer), send(producer)]).toEqual([0, NO_SLOT]);
      expect(consumer.peek()).toBe(0);
      consumer.advance();
      expect(producer.claim()).toBe(NO_SLOT);
      consumer.release();
    }
  });

  test('is drained only when every cursor has released everything', () => {
    const { producer, cursors } = open(4, 2);
    send(producer);
    for (const cursor of cursors) {
      expect(producer.isDrained()).toBe(false);
      cursor.peek();
      cursor.advance();
      expect(producer.isDrained()).toBe(false);
      cursor.release();
    }
    expect(producer.isDrained()).toBe(true);
  });

  test('ends for a consumer that has read what was published before the close', () => {
    const { producer, consumer } = open(4);
    send(producer);
    producer.close();
    expect(consumer.isEnded()).toBe(false);
    consumer.peek();
    consumer.advance();
    expect(consumer.isEnded()).toBe(true);
    expect(consumer.isAborted()).toBe(false);
  });

  test('once aborted stays so, for both ends', () => {
    const { arena, address, producer, consumer } = open(4);
    abortRing(arena.buffer, address);
    producer.close();
    expect([producer.isAborted(), consumer.isAborted()]).toEqual([true, true]);
  });

  test('shows third parties how full it is by its slowest cursor', () => {
    const { arena, address, producer, cursors } = open(4, 2);
    send(producer);
    send(producer);
    cursors[0]!.peek();
    cursors[0]!.advance();
    cursors[0]!.release();
    expect(heldSlots(arena.buffer, address)).toBe(2);
  });
});

describe('misuse is named', () => {
  test('publish without claim', () => {
    expect(() => open(2).producer.publish()).toThrow(/publish without claim/);
  });

  test('advance without a slot', () => {
    expect(() => open(2).consumer.advance()).toThrow(/peek for a slot first/);
  });

  test.each([-1, 1, 0.5])('release of %d slots when none was advanced past', (count) => {
    expect(() => open(2).consumer.release(count)).toThrow(/not advanced past/);
  });

  test('a second producer, a second consumer of one cursor', () => {
    const { arena, address } = open(2, 2);
    expect(() => new RingProducer(arena.buffer, address, [])).toThrow(/already has a producer/);
    expect(() => new RingConsumer(arena.buffer, address, 1)).toThrow(
      /already has a consumer at cursor 1.*takeOver/,
    );
  });

  test.each([0, 3, 1.5, 2 ** 30])('%d slots', (slots) => {
    const arena = Arena.create(1024);
    expect(() => allocateRing(arena, { slots, slotBytes: 64, consumers: 1 })).toThrow(
      /power of two/,
    );
  });

  test('an address that leads elsewhere', () => {
    const { arena, address } = open(2);
    const wrong = { ...address, byteOffset: address.byteOffset + 128 };
    expect(() => new RingProducer(arena.buffer, wrong, [])).toThrow(/no ring of that shape/);
  });

  test('a cursor that is not there', () => {
    const { arena, address } = open(2);
    expect(() => new RingConsumer(arena.buffer, address, 1)).toThrow(/no such cursor/);
  });
});

describe('taking over', () => {
  test('a new producer goes on where the lost one stopped; its unpublished slot is free', () => {
    const { arena, address, producer, consumer } = open(2);
    send(producer);
    producer.claim();
    const heir = new RingProducer(arena.buffer, address, [], { takeOver: true });
    expect(heir.freeSlots()).toBe(1);
    expect([send(heir), send(heir)]).toEqual([1, NO_SLOT]);
    expect(consumer.queuedSlots()).toBe(2);
  });

  test('a new consumer starts at the oldest slot that the lost one had not released', () => {
    const { arena, address, producer, consumer } = open(4);
    for (let slot = 0; slot < 3; slot++) send(producer);
    for (let slot = 0; slot < 2; slot++) {
      consumer.peek();
      consumer.advance();
    }
    consumer.release(1);
    const heir = new RingConsumer(arena.buffer, address, 0, undefined, { takeOver: true });
    expect(heir.peek()).toBe(1);
    expect(heir.queuedSlots()).toBe(2);
  });
});

describe('bells', () => {
  function belled() {
    const arena = Arena.create(64 * 1024);
    const address = allocateRing(arena, { slots: 2, slotBytes: 64, consumers: 1 });
    const consumerBell = new Bell(arena.buffer, allocateBell(arena));
    const producerBell = new Bell(arena.buffer, allocateBell(arena));
    const producer = new RingProducer(arena.buffer, address, [consumerBell]);
    const consumer = new RingConsumer(arena.buffer, address, 0, producerBell);
    return { producer, consumer, consumerBell, producerBell };
  }

  test('publish and close wake a consumer that waits on its event loop', async () => {
    const { producer, consumer, consumerBell } = belled();
    const published = consumerBell.parkAsync(() => consumer.peek() !== NO_SLOT, 10_000);
    expect(consumerBell.isSleeping()).toBe(true);
    send(producer);
    expect(await published).toBe(true);
    expect(consumerBell.isSleeping()).toBe(false);
    const closed = consumerBell.parkAsync(() => false, 10_000);
    producer.close();
    expect(await closed).toBe(true);
  });

  test('release wakes a producer that waits for room', async () => {
    const { producer, consumer, producerBell } = belled();
    send(producer);
    send(producer);
    const room = producerBell.parkAsync(() => producer.claim() !== NO_SLOT, 10_000);
    consumer.peek();
    consumer.advance();
    expect(producerBell.isSleeping()).toBe(true);
    consumer.release();
    expect(await room).toBe(true);
  });
});
