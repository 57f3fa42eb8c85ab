import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openLog } from '../../src/adapters/telemetry/log.ts';
import { parseSettings } from '../../src/config/load.ts';
import type { SettingsInput } from '../../src/config/schema.ts';
import type { Settings } from '../../src/config/settings.ts';
import { openLive, type Live } from '../../src/live.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startGuardServer, HARMFUL, type GuardServer } from '../support/guard-server.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';

type Guardrail = NonNullable<SettingsInput['guardrails']>[number];

let directory: TempDir;
let server: GuardServer;
let live: Live | undefined;
beforeEach(async () => {
  const { ca, server: pair } = await makeCertificates();
  directory = makeTempDir();
  server = await startGuardServer(pair);
  writeFileSync(directory.file('ca.pem'), ca.cert);
  for (const name of ['pepper', 'openai.key', 'guard.key']) {
    writeFileSync(directory.file(name), `${name}-0123456789012345678901234567\n`, { mode: 0o600 });
  }
});
afterEach(async () => {
  live?.close();
  live = undefined;
  await server.close();
  directory.remove();
});

function settingsWith(guardrail: Partial<Guardrail>): Settings {
  const input: SettingsInput = {
    version: 1,
    listen: { grpc: 'unix:grpc.sock', sds: 'unix:sds.sock', health: '127.0.0.1:9902' },
    edge: { listen: '127.0.0.1:8443', certificate: 'file:tls.pem' },
    store: 'sqlite:sallyport.db',
    providers: { openai: { api: 'openai', url: 'https://api.openai.com', credential: { secret: 'file:openai.key' } } },
    models: { 'gpt-4o-mini': { targets: [{ provider: 'openai', model: 'gpt-4o-mini' }] } },
    identity: { virtualKeys: { pepper: 'file:pepper' } },
    policies: { standard: { models: ['*'], guards: ['safety'] } },
    guardrails: [
      {
        name: 'safety',
        kind: 'http',
        url: `${server.url}/judge`,
        allowPrivate: true,
        ca: 'file:ca.pem',
        credential: { secret: 'file:guard.key', refresh: '1s' },
        ...guardrail,
      },
    ],
  };
  return parseSettings(stringify(input), directory.file('sallyport.yaml'));
}

const open = async (guardrail: Partial<Guardrail> = {}): Promise<Live> => {
  const { log } = openLog('error', directory.file('log'));
  live = await openLive(settingsWith(guardrail), log, () => undefined);
  return live;
};

async function judge(text: string): Promise<unknown> {
  const question = { direction: 'request', texts: [text], prompt: undefined } as const;
  const [answer] = (await live?.guards.judge(['safety'], question, AbortSignal.timeout(10_000))) ?? [];
  return answer?.verdict;
}

describe('the guards of the settings', () => {
  it('are asked with their key, by the authority that is set', async () => {
    await open();
    expect(await judge(`a ${HARMFUL}`)).toEqual({ kind: 'flagged', labels: ['weapons'], score: 0.9 });
    expect(server.asked[0]?.headers.authorization).toMatch(/^Bearer guard\.key-/);
  });

  it('with a key that was rotated, and with the one before where they do not know it yet', async () => {
    await open();
    writeFileSync(directory.file('guard.key'), 'rotated-0123456789012345678901234567\n', { mode: 0o600 });
    const sent = (): string => server.asked.at(-1)?.headers.authorization ?? '';
    await until(async () => (await judge('bread'), sent().startsWith('Bearer rotated-')), { deadlineMs: 10_000, what: 'the new key' });
    server.answerBy((request, response) => {
      response.writeHead(request.headers.authorization?.startsWith('Bearer rotated-') === true ? 401 : 200).end('{"flagged":false}');
    });
    expect(await judge('bread')).toEqual({ kind: 'fault', cause: 'rejected' });
    expect(await judge('bread')).toMatchObject({ kind: 'clear' });
  });

  it('are others after a reload; what is wrong with new settings leaves the old ones', async () => {
    await open();
    await expect(live?.reload(settingsWith({ ca: 'file:missing.pem' }))).rejects.toThrow('missing.pem');
    expect(await judge('bread')).toMatchObject({ kind: 'clear' });
    expect(await live?.reload(settingsWith({ threshold: 0.05 }))).toBeUndefined();
    expect(await judge('bread')).toMatchObject({ kind: 'flagged' });
  });

  it('a reload does not lose the key of a guard', async () => {
    await open();
    rmSync(directory.file('guard.key'));
    expect(await live?.reload(settingsWith({}))).toBe('the credential guard.safety is served now but cannot be read anew');
  });

  it('are not asked without their key', async () => {
    rmSync(directory.file('guard.key'));
    await open();
    expect(await judge('bread')).toEqual({ kind: 'fault', cause: 'no_credential' });
    expect(server.asked).toHaveLength(0);
  });
});
