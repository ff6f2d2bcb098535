/** Takes rows and does nothing with them; the engine counts them. @module */

import type { Sink, SinkConnector } from '../../core/connector.ts';

/** `connector: "discard"`. */
export const discardSink: SinkConnector = {
  name: 'discard',
  needsEventLoop: () => false,
  open: (): Sink => ({
    write: () => 'done',
    flush: () => {},
    finish: () => [],
    abandon: () => {},
  }),
};
