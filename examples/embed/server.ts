/**
 * An HTTP service with Millrace inside: requests are posted to it, and it tells how each page has
 * fared in the latest windows.
 *
 * `node examples/embed/server.ts [port]`; SIGTERM and SIGINT drain it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Millrace, MillraceError, type InputRow } from 'millrace';

const LATEST = 100;

const engine = await Millrace.start({
  version: 1,
  name: 'page-times',
  sources: {
    requests: {
      connector: 'embedded',
      schema: { at: 'timestamp', page: 'string', ms: 'float64' },
      time: { field: 'at', lateness: '1s', idleAfter: '2s' },
    },
  },
  operators: {
    per_page: {
      type: 'aggregate',
      input: 'requests',
      groupBy: ['page'],
      window: { type: 'tumbling', size: '5s' },
      select: { requests: 'COUNT(*)', mean_ms: 'AVG(ms)', worst_ms: 'MAX(ms)' },
    },
  },
  sinks: { pages: { connector: 'embedded', input: 'per_page' } },
  engine: { workers: 1, int64: 'number' },
});

const latest: Record<string, unknown>[] = [];
const collecting = collect();
const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => void shutDown());
process.once('SIGINT', () => void shutDown());

/** Keeps the results that came last. */
async function collect(): Promise<void> {
  for await (const batch of engine.output('pages')) {
    latest.push(...batch);
    latest.splice(0, latest.length - LATEST);
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'POST /requests':
      return await take(request, response);
    case 'GET /pages':
      return reply(response, 200, latest);
    case 'GET /stats':
      return reply(response, 200, engine.stats());
    default:
      return reply(response, 404, { error: 'there are POST /requests, GET /pages and GET /stats' });
  }
}

/** One request or a list of them. Answers when all are in: a full engine slows its clients down. */
async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await engine.input('requests').push((await json(request)) as InputRow | InputRow[]);
    reply(response, 202, { taken: true });
  } catch (error) {
    const isTheirs =
      error instanceof SyntaxError || (error as MillraceError).code === 'ERR_BAD_ROW';
    reply(response, isTheirs ? 400 : 503, { error: (error as Error).message });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

/** No new requests, then every result of those that came, then the end. */
async function shutDown(): Promise<void> {
  server.close();
  const { sources } = await engine.drain({ timeoutMs: 10_000 });
  await collecting;
  console.log(`drained: ${sources['requests']!.admitted} requests, ${latest.length} results`);
}
