/** The watermarks of a task's channels, merged per input port. @module */

import { WatermarkMerge } from '../../core/time.ts';
import type { TimeUs } from '../../core/units.ts';

/** Which port a channel feeds, and what is known of each port. */
export class PortWatermarks {
  readonly #portOf: readonly number[];
  /** Position of a channel among its port's channels. */
  readonly #placeOf: readonly number[];
  readonly #merges: readonly WatermarkMerge[];
  readonly #deliveredUs: Float64Array;
  readonly #openChannels: Int32Array;

  /** Those of a task. */
  static of(channels: readonly { readonly port: number }[]): PortWatermarks {
    const portOf = channels.map((channel) => channel.port);
    return new PortWatermarks(portOf, Math.max(0, ...portOf) + 1);
  }

  /** @param portOf - input port of each channel */
  constructor(portOf: readonly number[], ports: number) {
    const counts = new Int32Array(ports);
    this.#portOf = portOf;
    this.#placeOf = portOf.map((port) => counts[port]!++);
    this.#merges = Array.from(counts, (count) => new WatermarkMerge(count));
    this.#deliveredUs = new Float64Array(ports).fill(-Infinity);
    this.#openChannels = counts;
  }

  get ports(): number {
    return this.#merges.length;
  }

  portOf(channel: number): number {
    return this.#portOf[channel]!;
  }

  update(channel: number, watermarkUs: TimeUs): void {
    this.#merges[this.#portOf[channel]!]!.update(this.#placeOf[channel]!, watermarkUs);
  }

  /** Closes a channel; it holds no watermark back any more. */
  close(channel: number): void {
    this.update(channel, Infinity);
    this.#openChannels[this.#portOf[channel]!]!--;
  }

  /** Whether all channels of a port have ended. */
  isClosed(port: number): boolean {
    return this.#openChannels[port] === 0;
  }

  /** A port whose watermark the kernel has not been told, or -1. */
  changedPort(): number {
    for (let port = 0; port < this.#merges.length; port++) {
      if (this.#merges[port]!.mergedUs !== this.#deliveredUs[port]) return port;
    }
    return -1;
  }

  /** The watermark of a port, from now on known to the kernel. */
  deliver(port: number): TimeUs {
    const watermarkUs = this.#merges[port]!.mergedUs;
    this.#deliveredUs[port] = watermarkUs;
    return watermarkUs;
  }

  /** The least over all ports. */
  leastUs(): TimeUs {
    let least = Infinity;
    for (const merge of this.#merges) least = Math.min(least, merge.mergedUs);
    return least;
  }
}
