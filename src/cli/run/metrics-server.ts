/** The small HTTP endpoint of `run --metrics-port`. @module */

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROMETHEUS_CONTENT_TYPE } from '../format/prometheus.ts';

const HOST = '127.0.0.1';

/** A running endpoint. */
export interface MetricsServer {
  /** Where it is: `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): void;
}

/**
 * Answers `GET /metrics` with what `text` returns at that moment.
 *
 * @param port - 0 takes any free one
 * @throws Error when the port cannot be had
 */
export async function serveMetrics(port: number, text: () => string): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const [path] = (request.url ?? '').split('?');
    if (!isRead) respond(response, 405, 'only GET and HEAD\n');
    else if (path === '/metrics') respond(response, 200, text(), PROMETHEUS_CONTENT_TYPE);
    else respond(response, 404, 'metrics are at /metrics\n');
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function respond(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  // Node leaves the body out by itself when the request was HEAD.
  response.end(text);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
      reject(new Error(`cannot serve metrics on port ${port}: ${reason}`, { cause: error }));
    });
    server.listen(port, HOST, resolve);
  });
}
