import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProcess } from '../support/process.ts';

const logFile = join(import.meta.dirname, '../../src/adapters/telemetry/log.ts');

/** Logs more than one batch to a device that is always full, looks at itself a second later, and ends. */
const script = `
import { openLog } from ${JSON.stringify(logFile)};
const { log, flush } = openLog('info', '/dev/full');
const lines = setInterval(() => { for (let line = 0; line < 200; line += 1) log.info({ line }, 'exchange'); }, 20);
setTimeout(() => {
  clearInterval(lines);
  console.log('still here');
  flush();
  process.exit(0);
}, 1_000);
`;

it('outlives a full disk behind its log, and can still end', async () => {
  const run = await startProcess(process.execPath, ['--input-type=module', '--eval', script], { name: 'logger' });
  try {
    await run.waitForLine(/still here/, 20_000);
    expect((await run.exited).code).toBe(0);
  } finally {
    await run.stop('SIGKILL');
  }
});
