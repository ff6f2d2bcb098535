import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MetricsServer, serveMetrics } from '../../../src/cli/run/metrics-server.ts';

let server: MetricsServer;
let scrapes = 0;
beforeAll(async () => {
  server = await serveMetrics(0, () => `scrape ${++scrapes} µ\n`);
});
afterAll(() => server.close());

test('every request is answered anew', async () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  for (const scrape of [1, 2]) {
    const response = await fetch(`${server.url}?x=1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toBe(`scrape ${scrape} µ\n`);
  }
});

test('HEAD gets no body', async () => {
  const response = await fetch(server.url, { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

test.each([
  ['/', 'GET', 404],
  ['/metrics/x', 'GET', 404],
  ['/metrics', 'POST', 405],
])('%s by %s is answered with %d', async (path, method, status) => {
  const response = await fetch(new URL(path, server.url), { method });
  expect(response.status).toBe(status);
});

test('a port that is taken is refused in one line', async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveMetrics(port, () => '')).rejects.toThrow(
    `cannot serve metrics on port ${port}: it is in use`,
  );
});
