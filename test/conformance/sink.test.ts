import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { FileFormat } from '../../src/core/topology/model.ts';
import { discardSink } from '../../src/connectors/discard/sink.ts';
import { fileSink } from '../../src/connectors/file/sink.ts';
import { createStdoutSink } from '../../src/connectors/stdout/sink.ts';
import { makesFolders } from '../support/folders.ts';
import { CSV, decode, JSONL } from './codec-support.ts';
import { describeSink, SINK_SCHEMA } from './sink.ts';

const folder = makesFolders();

const idsOf = (format: FileFormat) => (text: string) =>
  decode(format, SINK_SCHEMA, text, { pieces: [64] }).rows.map((row) => row['id'] as number);

for (const format of [CSV, JSONL]) {
  for (const gzip of [false, true]) {
    for (const isOrdered of [false, true]) {
      const orderBy = isOrdered ? [{ column: 'id', descending: false, pointer: '' }] : [];
      describeSink(
        `file ${format.kind}${gzip ? ' gzip' : ''}${isOrdered ? ' in order' : ''}`,
        () => {
          const directory = folder();
          return {
            connector: fileSink,
            config: { path: 'out', format, gzip, orderBy },
            baseDirectory: directory,
            received: ([file]) => {
              const bytes = readFileSync(file!.temporaryPath);
              return (gzip ? gunzipSync(bytes) : bytes).toString();
            },
            leftovers: () => readdirSync(directory),
          };
        },
        idsOf(format),
      );
    }
  }

  for (const [reader, failEvery] of [
    ['fast', 0],
    ['slow', 3],
  ] as const) {
    describeSink(
      `stdout ${format.kind}, ${reader} reader`,
      () => {
        let text = '';
        let calls = 0;
        const connector = createStdoutSink((bytes, from, to) => {
          if (failEvery > 0 && ++calls % failEvery !== 0) {
            throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' });
          }
          const end = failEvery > 0 ? Math.min(to, from + 50_000) : to;
          text += Buffer.from(bytes.slice(from, end)).toString();
          return end - from;
        });
        return { connector, config: { format }, received: () => text, leftovers: () => [] };
      },
      idsOf(format),
    );
  }
}

describeSink(
  'discard',
  () => ({ connector: discardSink, config: {}, received: () => undefined, leftovers: () => [] }),
  () => [],
);
