import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsSchema, type SettingsInput } from '../../src/config/schema.ts';
import { ask, chatBody } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';
import { until } from '../support/wait.ts';

const deadline = { deadlineMs: 8_000, what: 'the new settings to be in force' };

describe('a settings file that changes while the sidecar runs', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor();
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  const change = (mutate: (settings: SettingsInput) => void): void => {
    const settings: SettingsInput = settingsSchema.parse(parse(readFileSync(door.settingsFile, 'utf8')));
    mutate(settings);
    writeFileSync(door.settingsFile, stringify(settings));
  };
  const models = async (): Promise<readonly string[]> => {
    const page = await door.openai(key).models.list();
    return page.data.map((model) => model.id);
  };

  it('gives a new model to those who may use it, without a restart', async () => {
    change((settings) => {
      settings.models['fresh'] = { targets: [{ provider: 'beta', model: 'beta-small' }] };
      settings.policies['standard']?.models.push('fresh');
    });
    await until(async () => (await models()).includes('fresh'), deadline);
    const answer = await door.openai(key).chat.completions.create({ model: 'fresh', messages: [{ role: 'user', content: 'hi' }] });
    expect(answer.choices[0]?.message.content).toBe('You said: hi');
  });

  it('takes a model away', async () => {
    change((settings) => {
      settings.policies['standard'] = { models: ['small', 'fresh'] };
    });
    await until(async () => !(await models()).includes('large'), deadline);
    await expect(
      door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'hi' }] }),
    ).rejects.toMatchObject({
      status: 403,
    });
  });

  it('keeps the keys of an issuer that is away meanwhile', async () => {
    await using idp = await startIdentityProvider();
    await idp.addKey('ES256', 'k1');
    const bearer = await idp.token('k1');
    const outcome = async (): Promise<unknown> => (await ask(door, { bearer, body: chatBody('small') })).status;
    const before = readFileSync(door.settingsFile, 'utf8');
    change((settings) => {
      settings.identity.jwt = [{ issuer: idp.issuer, audience: 'sallyport', jwks: idp.jwks, allowPrivate: true }];
      settings.clients = { billing: { policy: 'standard' } };
    });
    await until(async () => (await outcome()) === 200, deadline);
    await idp.stop();
    change((settings) => {
      settings.models['later'] = { targets: [{ provider: 'beta', model: 'beta-small' }] };
      settings.policies['standard']?.models.push('later');
    });
    await until(async () => (await models()).includes('later'), deadline);
    expect(await outcome()).toBe(200);
    writeFileSync(door.settingsFile, before);
    await until(async () => !(await models()).includes('later'), deadline);
    await idp.start();
  });

  it('keeps what was written last in force, however long what was written before takes to load', async () => {
    await using idp = await startIdentityProvider();
    idp.answerBy(() => undefined);
    const [sidecar] = door.sidecars;
    const inForce = (): number => (sidecar?.stdout().split('new settings are in force').length ?? 0) - 1;
    await until(() => inForce() === 5, deadline);
    const last = readFileSync(door.settingsFile, 'utf8');
    change((settings) => {
      settings.policies['standard']?.models.push('large');
      settings.identity.jwt = [{ issuer: idp.issuer, audience: 'sallyport', jwks: idp.jwks, allowPrivate: true }];
    });
    await until(() => idp.requests() > 0, deadline);
    writeFileSync(door.settingsFile, last);
    await until(() => inForce() === 7, { deadlineMs: 15_000, what: 'both to have been in force' });
    expect(await models()).toEqual(['fresh', 'small']);
  });

  it.each<[string, (settings: SettingsInput) => void, RegExp]>([
    [
      'an undeclared provider',
      (settings) => (settings.models['small'] = { targets: [{ provider: 'ghost', model: 'x' }] }),
      /unknown provider/,
    ],
    ['another store', (settings) => (settings.store = 'sqlite:elsewhere.db'), /needs a restart/],
    [
      'a key that cannot be read',
      (settings) => {
        const alpha = settings.providers['alpha'];
        if (alpha !== undefined) {
          alpha.credential = { secret: 'file:secrets/missing' };
        }
      },
      /credential alpha/,
    ],
  ])('that is bad (%s) leaves the old ones in force, and says so', async (_, mutate, reason) => {
    const good = readFileSync(door.settingsFile, 'utf8');
    const [sidecar] = door.sidecars;
    change(mutate);
    await until(() => reason.test(sidecar?.stdout() ?? ''), { deadlineMs: 15_000, what: 'the refusal in the log' });
    expect(await models()).toEqual(['fresh', 'small']);
    const answer = await door.openai(key).chat.completions.create({ model: 'small', messages: [{ role: 'user', content: 'hi' }] });
    expect(answer.choices[0]?.message.content).toBe('You said: hi');
    writeFileSync(door.settingsFile, good);
    await until(() => (sidecar?.stdout().split('new settings are in force').length ?? 0) > 2, deadline);
  });
});
