import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysCommand } from '../../../src/cli/keys.ts';
import { Secret } from '../../../src/core/secret.ts';
import { judgeKey } from '../../../src/policy/key-state.ts';
import { digestKey, parseVirtualKey } from '../../../src/policy/virtual-key.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { nowMs, pepper, startCommands, type Ran } from './command-context.ts';

const dayMs = 86_400_000;

let commands: ReturnType<typeof startCommands>;
const keys = (...args: string[]): Promise<Ran> => commands.run(keysCommand, ...args);

beforeEach(() => {
  commands = startCommands();
});
afterEach(() => {
  commands.remove();
});

async function created(...args: string[]) {
  const { code, stdout } = await keys('create', ...args);
  expect(code).toBe(0);
  const key = stdout.trimEnd();
  const id = parseVirtualKey(key)?.id ?? '';
  const store = await commands.openStore();
  const record = await store.find(id);
  await store.close();
  return { key, id, record };
}

describe('keys create', () => {
  it('prints exactly one key, once, and stores a record that accepts it and nothing else', async () => {
    const { code, stdout, stderr } = await keys('create', '--client', 'ledger-app');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^vk_live_[0-9A-Za-z]{48}\n$/);
    const key = stdout.trimEnd();
    expect(stderr).not.toContain(key);
    const store = await commands.openStore();
    const record = await store.find(parseVirtualKey(key)?.id ?? '');
    await store.close();
    expect(judgeKey(record, digestKey(pepper, key), nowMs)).toMatchObject({ kind: 'next' });
    expect(judgeKey(record, digestKey('another pepper', key), nowMs)).toMatchObject({ kind: 'deny' });
    expect(JSON.stringify(record)).not.toContain(key.slice(19));
  });

  it('keeps every option in the record', async () => {
    const { record } = await created(
      '--client',
      'ledger-app',
      '--name',
      'nightly run',
      '--env',
      'test',
      '--team',
      'finance',
      '--tier',
      'gold',
      '--user',
      'ann@example.com',
      '--policy',
      'premium',
      '--models',
      'gpt-4o-mini, gpt-4o*',
      '--operations',
      'chat,embeddings',
      '--networks',
      '10.0.0.0/8,192.0.2.7',
      '--expires',
      '2027-01-31',
    );
    expect(record).toMatchObject({
      environment: 'test',
      name: 'nightly run',
      client: 'ledger-app',
      team: 'finance',
      tier: 'gold',
      user: 'ann@example.com',
      policy: 'premium',
      models: ['gpt-4o-mini', 'gpt-4o*'],
      operations: ['chat', 'embeddings'],
      networks: ['10.0.0.0/8', '192.0.2.7/32'],
      createdAtMs: nowMs,
      expiresAtMs: Date.UTC(2027, 0, 31),
      revokedAtMs: undefined,
    });
  });

  it.each<[string, string[], number | undefined]>([
    ['90 days unless told otherwise', [], nowMs + 90 * dayMs],
    ['a time', ['--expires', '12h'], nowMs + dayMs / 2],
    ['never, only when said', ['--expires', 'never'], undefined],
  ])('ends after %s', async (_name, args, expiresAtMs) => {
    const { record } = await created('--client', 'ledger-app', ...args);
    expect(record?.expiresAtMs).toBe(expiresAtMs);
  });

  it('prints the record beside the key as JSON, without digests', async () => {
    const { stdout } = await keys('create', '--client', 'ledger-app', '--json');
    const printed: unknown = JSON.parse(stdout);
    expect(printed).toMatchObject({ client: 'ledger-app', state: 'active', expiresAt: '2027-02-19T12:00:00.000Z', policy: null });
    expect(printed).toHaveProperty('key', expect.stringMatching(/^vk_live_/));
    expect(stdout).not.toContain('digest');
  });

  it.each<[string, string[], string]>([
    ['no client', [], '--client is missing'],
    ['an empty client', ['--client', ''], '--client is empty'],
    ['a client with a space', ['--client', 'ledger app'], '--client'],
    ['a client of 129 characters', ['--client', 'a'.repeat(129)], '--client'],
    ['two clients', ['--client', 'a', '--client', 'b'], 'given twice'],
    ['an unknown option', ['--client', 'a', '--admin'], '--admin'],
    ['a stray argument', ['--client', 'a', 'b'], 'unexpected argument'],
    ['a name that moves the cursor', ['--client', 'a', '--name', 'x\u001b[2J'], '--name'],
    ['an environment in capitals', ['--client', 'a', '--env', 'LIVE'], '--env'],
    ['an undeclared policy', ['--client', 'a', '--policy', 'premum'], 'declared: premium'],
    ['a policy named like a property', ['--client', 'a', '--policy', '__proto__'], '--policy'],
    ['an undeclared team', ['--client', 'a', '--team', 'sales'], 'declared: finance'],
    ['an undeclared tier', ['--client', 'a', '--tier', 'silver'], 'declared: gold'],
    ['an undeclared model', ['--client', 'a', '--models', 'gpt-5'], 'declared: gpt-4o, gpt-4o-mini'],
    ['a pattern that matches nothing', ['--client', 'a', '--models', 'claude*'], 'matches no declared model'],
    ['a pattern with two stars', ['--client', 'a', '--models', '*gpt*'], 'matches no declared model'],
    ['an empty entry', ['--client', 'a', '--models', 'gpt-4o,'], 'commas'],
    ['an unknown operation', ['--client', 'a', '--operations', 'chat,everything'], '"everything"'],
    ['a network that is none', ['--client', 'a', '--networks', '10.0.0.0/33'], '"10.0.0.0/33"'],
    ['a network with host bits', ['--client', 'a', '--networks', '10.0.0.1/8'], '"10.0.0.1/8"'],
    ['an expiry without a unit', ['--client', 'a', '--expires', '90'], '--expires'],
    ['an expiry in the past', ['--client', 'a', '--expires', '2026-11-21'], 'past'],
    ['an expiry at once', ['--client', 'a', '--expires', '0d'], 'past'],
    ['an expiry in a century', ['--client', 'a', '--expires', '36500d'], 'never'],
    ['a day that no month has', ['--client', 'a', '--expires', '2027-02-31'], '--expires'],
  ])('refuses %s, says so, and creates nothing', async (_name, args, message) => {
    const { code, stdout, stderr } = await keys('create', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
    expect(commands.storesOpened()).toBe(0);
  });

  it('refuses to digest under an empty pepper', async () => {
    commands.remove();
    commands = startCommands({ pepper: () => Promise.resolve(new Secret('')) });
    const { code, stdout, stderr } = await keys('create', '--client', 'a');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('pepper');
  });

  it.each(['timeout', 'locked', 'unreachable', 'bad_reply', 'refused'] as const)(
    'prints no key where the store says %s',
    async (storeCode) => {
      commands.remove();
      commands = startCommands({ openStore: () => Promise.reject(new StoreError(storeCode, new Error('the reason'))) });
      const { code, stdout, stderr } = await keys('create', '--client', 'a');
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('the reason');
    },
  );

  it('does not hide a defect behind an exit code', async () => {
    commands.remove();
    commands = startCommands({ openStore: () => Promise.reject(new TypeError('a defect')) });
    await expect(keys('create', '--client', 'a')).rejects.toThrow(TypeError);
  });
});

describe('keys list', () => {
  it('shows every key with its state, and nothing that opens a door', async () => {
    const first = await created('--client', 'ledger-app', '--policy', 'premium');
    const second = await created('--client', 'other-app', '--expires', 'never');
    await keys('revoke', second.id);
    const table = await keys('list');
    const lines = table.stdout.split('\n');
    expect(lines[0]).toMatch(/^ID +STATE +ENV +CLIENT +TEAM +POLICY +EXPIRES +NAME$/);
    expect(table.stdout).toMatch(new RegExp(`${first.id} +active +live +ledger-app +- +premium +2027-02-19 +ledger-app`));
    expect(table.stdout).toMatch(new RegExp(`${second.id} +revoked +live +other-app +- +- +never +other-app`));
    const json = await keys('list', '--json');
    for (const { key, record } of [first, second]) {
      for (const shown of [table.stdout, json.stdout]) {
        expect(shown).not.toContain(key.slice(18, -6));
        expect(shown).not.toContain(record?.digests[0]);
      }
    }
    expect(json.stdout).not.toContain('digest');
  });
});

describe('keys revoke', () => {
  it.each([
    ['its id', (_key: string, id: string) => id],
    ['the whole key', (key: string) => key],
  ])('revokes a key by %s, and prints no secret', async (_name, choose) => {
    const { key, id } = await created('--client', 'ledger-app');
    const { code, stdout, stderr } = await keys('revoke', choose(key, id));
    expect(code).toBe(0);
    expect(stdout).toContain(id);
    expect(stdout + stderr).not.toContain(key.slice(18));
    expect((await keys('list', '--json')).stdout).toContain('"state": "revoked"');
  });

  it('gives the first time when it is revoked again', async () => {
    const { id } = await created('--client', 'ledger-app');
    await keys('revoke', id);
    const { code, stdout } = await keys('revoke', id, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id, revokedAt: '2026-11-21T12:00:00.000Z' });
  });

  it.each([
    ['an id that no key has', ['AAAAAAAAAA'], 1],
    ['no id', [], 2],
    ['two ids', ['AAAAAAAAAA', 'BBBBBBBBBB'], 2],
    ['what is no id', ['ledger-app'], 2],
    ['a mistyped key', [`vk_live_${'0'.repeat(48)}`], 2],
  ])('refuses %s', async (_name, args, expected) => {
    const { code, stdout, stderr } = await keys('revoke', ...args);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain('sallyport keys');
    expect(stderr).not.toContain('vk_live_');
  });
});

describe('keys', () => {
  it.each([[['--help']], [['create', '--help']], [['list', '--help']], [['revoke', '--help']]])('explains %j on stdout', async (args) => {
    const { code, stdout, stderr } = await keys(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: sallyport keys /);
  });

  it.each([[[]], [['rotate']], [['__proto__']]])('answers %j with its usage', async (args) => {
    const { code, stdout, stderr } = await keys(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: sallyport keys');
  });
});
