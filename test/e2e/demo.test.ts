import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { startProcess } from '../support/process.ts';
import { trustCertificate } from '../support/trust.ts';

const main = resolve(import.meta.dirname, '../../src/main.ts');

it('the demo walks through every stop and leaves nothing behind', async () => {
  const demo = await startProcess(process.execPath, [main, 'demo', '--once', '--port', '0'], { name: 'demo' });
  const { code } = await demo.exited;
  expect(code, demo.output()).toBe(0);
  for (const stop of [
    'HTTP 200  You said: hello',
    'HTTP 403  This caller may not use this model',
    'HTTP 401  No credential was presented',
    'server-sent events',
    'the provider saw: "Write to PII_EMAIL_',
    'HTTP 200  You said: Write to jane.doe@example.com, phone +1 202-555-0143.',
    'five were answered, five were not',
    'HTTP 429  A limit is reached. Retry later. The limit: requests per 60 s, level team.',
    'the new key was in use',
    'HTTP 200  You said: still there?',
    'refused ',
  ]) {
    expect(demo.stdout()).toContain(stop);
  }
  const directory = /is in (\S+)/.exec(demo.stdout())?.[1] ?? '';
  expect(directory).not.toBe('');
  expect(existsSync(directory)).toBe(false);
});

it('the demo stays up until it is interrupted, and says how to use it', async () => {
  const demo = await startProcess(process.execPath, [main, 'demo', '--port', '0'], { name: 'demo' });
  await demo.waitForLine(/Ctrl-C ends it all/, 60_000);
  const [, url = ''] = /(https:\/\/localhost:\d+)\/v1\/chat/.exec(demo.stdout()) ?? [];
  const [, trust = ''] = /--cacert (\S+)/.exec(demo.stdout()) ?? [];
  const [, key = ''] = /Bearer (vk_demo_\w+)/.exec(demo.stdout()) ?? [];
  trustCertificate(readFileSync(trust, 'utf8'));
  const models = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  expect(await models.text()).toContain('"demo-large"');
  demo.signal('SIGINT');
  expect((await demo.exited).code).toBe(0);
});
