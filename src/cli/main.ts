#!/usr/bin/env node
// Nothing is imported above: an old Node is to be refused before it meets what it cannot read.
const OLDEST_MAJOR = 22;
const OLDEST_MINOR = 18;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) {
  // What V8 makes of modules is kept where Node keeps it for all programs: the next run starts sooner.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('./program.ts');
  await main();
} else {
  process.stderr.write(
    `error: millrace needs Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or later, this is ${process.version}\n`,
  );
  process.exitCode = 2;
}
