/**
 * Reads a file once, from beginning to end; memory stays the same however large it is.
 *
 * A plain file is read by blocking calls, so its worker needs no event loop. A compressed one goes
 * through zlib's stream, which is asked for more only when its last piece was decoded.
 *
 * @module
 */

import { closeSync, fstatSync, openSync } from 'node:fs';

import type { Batch } from '../../core/batch.ts';
import type {
  Source,
  SourceConnector,
  SourceContext,
  SourceProgress,
} from '../../core/connector.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { FileSource as FileSourceConfig } from '../../core/topology/model.ts';
import type { Decoder } from '../codecs/codec.ts';
import { createDecoder } from '../codecs/formats.ts';
import { BLOCK_BYTES, InputWindow, ROW_LIMIT_BYTES } from '../codecs/input-window.ts';
import { GunzipInput } from './gunzip-input.ts';
import type { FileInput } from './input.ts';
import { PlainInput } from './input.ts';
import { fileError, resolvePath } from './paths.ts';

/** The parts of a source's configuration that reading a file needs. */
export type FileSourceSettings = Pick<FileSourceConfig, 'path' | 'format' | 'gzip'>;

/** `connector: "file"`, reading. */
export const fileSource: SourceConnector = {
  name: 'file',

  needsEventLoop(config: unknown): boolean {
    return (config as FileSourceSettings).gzip;
  },

  /** @throws MillraceError `ERR_FILE` when the file is not there or is a directory */
  open(config: unknown, context: SourceContext): Source {
    const { path, format, gzip } = config as FileSourceSettings;
    const fd = openInput(resolvePath(context.baseDirectory, path), context.node);
    const input = gzip
      ? new GunzipInput(fd, path, context.node, context.wake)
      : new PlainInput(fd, path, context.node);
    const decoder = createDecoder(format, {
      node: context.node,
      schema: context.stream.schema,
      timeColumn: context.timeColumn,
      file: path,
      memory: context.memory,
      reject: (row) => context.reject(row),
      canReject: () => context.canReject(),
    });
    return new FileSource(input, decoder, context.memory);
  },
};

function openInput(path: string, node: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw fileError('open', path, error, node);
  }
  if (!fstatSync(fd).isDirectory()) return fd;
  closeSync(fd);
  throw fileError('read', path, 'EISDIR: it is a directory', node);
}

/** Blocks read in one call, at most: about a millisecond's worth. */
const MOST_BLOCKS = 4;

class FileSource implements Source {
  readonly #input: FileInput;
  readonly #decoder: Decoder;
  readonly #window: InputWindow;
  /** Bytes of input without which decoding need not be tried again. */
  #wantedBytes = 0;

  constructor(input: FileInput, decoder: Decoder, memory: KernelMemory) {
    this.#window = new InputWindow(BLOCK_BYTES, ROW_LIMIT_BYTES, memory);
    this.#input = input;
    this.#decoder = decoder;
  }

  read(batch: Batch): SourceProgress {
    const window = this.#window;
    for (let blocks = 0; blocks < MOST_BLOCKS; blocks++) {
      if (window.isLast || window.to - window.from >= this.#wantedBytes) {
        if (this.#decoder.decode(window, batch) === 'batch') return 'more';
        if (window.isLast) return 'end';
        this.#wantedBytes = enoughAfter(window);
      }
      const count = this.#input.read(window.makeRoom());
      if (count < 0) return 'wait';
      if (count === 0) window.end();
      else window.filled(count);
    }
    return 'more';
  }

  close(): void {
    this.#input.close();
  }
}

/**
 * How much input it takes to go on behind the part of a row: twice as much where the part is large,
 * so that a huge row is not looked through again for each block.
 */
function enoughAfter({ from, to, limitBytes }: InputWindow): number {
  const rest = to - from;
  return rest < BLOCK_BYTES ? 0 : Math.min(2 * rest, limitBytes);
}
