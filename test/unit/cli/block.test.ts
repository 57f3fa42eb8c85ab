import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockCommand, unblockCommand } from '../../../src/cli/block.ts';
import { keysCommand } from '../../../src/cli/keys.ts';
import { parseVirtualKey } from '../../../src/policy/virtual-key.ts';
import { judgeClaims } from '../../../src/policy/jwt/claims.ts';
import type { IssuerRules } from '../../../src/policy/jwt/rules.ts';
import { longIssuer, nowMs, startCommands, type Ran } from './command-context.ts';

const rules: IssuerRules = {
  issuer: 'https://idp.example/',
  audience: 'sallyport',
  algorithms: ['ES256'],
  types: ['at+jwt'],
  requiredScope: 'llm:access',
  clientClaim: 'client_id',
  teamClaim: undefined,
  tierClaim: undefined,
  userClaim: 'sub',
  maxAgeMs: 60_000,
};

let commands: ReturnType<typeof startCommands>;
const block = (...args: string[]): Promise<Ran> => commands.run(blockCommand, ...args);
const unblock = (...args: string[]): Promise<Ran> => commands.run(unblockCommand, ...args);

beforeEach(() => {
  commands = startCommands();
});
afterEach(() => {
  commands.remove();
});

async function standing() {
  const store = await commands.openStore();
  const blocks = await store.listBlocks();
  await store.close();
  return blocks;
}

describe('block and unblock', () => {
  it.each<[string, string, string[]]>([
    ['client', 'ledger-app', ['--client', 'ledger-app']],
    ['client', 'billing', ['--client', 'billing']],
    ['client', 'batch', ['--client', 'batch']],
    ['issuer', 'https://idp.example/', ['--issuer', 'https://idp.example/']],
    ['issuer', longIssuer, ['--issuer', longIssuer]],
    ['jti', '0b7c{}%', ['--jti', '0b7c{}%']],
    ['jti', 'j'.repeat(256), ['--jti', 'j'.repeat(256)]],
    ['all', '', ['--all']],
  ])('set and lift a block of kind %s', async (kind, value, target) => {
    const blocked = await block(...target, '--reason', 'leaked laptop', '--abort-streams');
    expect([blocked.code, blocked.stderr]).toEqual([0, '']);
    expect(await standing()).toEqual([{ kind, value, reason: 'leaked laptop', atMs: nowMs, abortStreams: true }]);
    expect((await unblock(...target)).code).toBe(0);
    expect(await standing()).toEqual([]);
    const again = await unblock(...target);
    expect([again.code, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toContain('--list');
  });

  it('block a key by its id or by the whole key, and let running streams finish unless told', async () => {
    const key = (await commands.run(keysCommand, 'create', '--client', 'ledger-app')).stdout.trimEnd();
    const id = parseVirtualKey(key)?.id ?? '';
    const blocked = await block('--key', key, '--reason', 'leaked', '--json');
    expect(blocked.code).toBe(0);
    expect(JSON.parse(blocked.stdout)).toEqual({
      kind: 'key',
      value: id,
      reason: 'leaked',
      at: '2026-11-21T12:00:00.000Z',
      abortStreams: false,
    });
    expect(await standing()).toMatchObject([{ kind: 'key', value: id, abortStreams: false }]);
    expect((await unblock('--key', id)).code).toBe(0);
  });

  it('say so where the key to block does not exist', async () => {
    const { code, stdout, stderr } = await block('--key', 'AAAAAAAAAA', '--reason', 'leaked');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('nothing was blocked');
    expect(await standing()).toEqual([]);
  });

  it('say so where no token of the issuer to block would be accepted, and name those there are', async () => {
    const { code, stdout, stderr } = await block('--issuer', 'https://idp.example', '--reason', 'compromised');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('nothing was blocked; declared: https://idp.example/, ');
    expect(await standing()).toEqual([]);
  });

  it('say so where only tokens can name the client, and block it all the same', async () => {
    const { code, stderr } = await block('--client', 'auth0|a+b=c', '--reason', 'leaked');
    expect([code, stderr]).toEqual([0, expect.stringContaining('No key and no setting names the client auth0|a+b=c')]);
    expect(await standing()).toMatchObject([{ kind: 'client', value: 'auth0|a+b=c' }]);
    expect((await unblock('--client', 'auth0|a+b=c')).code).toBe(0);
  });

  it('know a client by its keys, too', async () => {
    await commands.run(keysCommand, 'create', '--client', 'only-a-key');
    const { code, stderr } = await block('--client', 'only-a-key', '--reason', 'leaked');
    expect([code, stderr]).toEqual([0, '']);
  });

  it('name everyone whom a token can name', async () => {
    const client = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@/|+=-]{0,127}$/);
    const jti = fc.stringMatching(/^[\x21-\x7e]{1,256}$/);
    await fc.assert(
      fc.asyncProperty(client, jti, async (name, id) => {
        const own = { iss: rules.issuer, aud: 'sallyport', iat: 0, exp: 60, scope: 'llm:access', client_id: name, jti: id };
        const claims = new Map<string, unknown>(Object.entries(own));
        expect(judgeClaims(claims, rules, undefined, 1_000)).toMatchObject({ kind: 'next', found: { client: name, jti: id } });
        expect((await block(`--client=${name}`, '--reason', 'x')).code).toBe(0);
        expect((await block(`--jti=${id}`, '--reason', 'x')).code).toBe(0);
      }),
      { numRuns: 5 },
    );
  });

  it('list the blocks in force', async () => {
    await block('--client', 'ledger-app', '--reason', 'leaked laptop');
    await block('--all', '--reason', 'drill', '--abort-streams');
    const table = await block('--list');
    expect(table.stdout).toMatch(/^KIND +VALUE +SINCE +STREAMS +REASON\n/);
    expect(table.stdout).toMatch(/client +ledger-app +2026-11-21T12:00:00.000Z +finish +leaked laptop\n/);
    expect(table.stdout).toMatch(/all +- +2026-11-21T12:00:00.000Z +cut +drill\n/);
    expect(JSON.parse((await block('--list', '--json')).stdout)).toHaveLength(2);
  });

  it.each<[string, string[]]>([
    ['nothing', []],
    ['no target', ['--reason', 'x']],
    ['no reason', ['--client', 'ledger-app']],
    ['an empty reason', ['--client', 'ledger-app', '--reason', '']],
    ['two targets', ['--client', 'ledger-app', '--all', '--reason', 'x']],
    ['an empty client, as an unset variable gives', ['--client', '', '--reason', 'x']],
    ['a client that is no name', ['--client', 'a b', '--reason', 'x']],
    ['a key that is no id', ['--key', 'ledger-app', '--reason', 'x']],
    ['a token id that moves the cursor', ['--jti', 'a\u001b[2J', '--reason', 'x']],
    ['a reason of two lines', ['--all', '--reason', 'x\ny']],
    ['a value after --all', ['--all', 'everyone', '--reason', 'x']],
    ['a list beside a target', ['--list', '--all']],
  ])('refuse %s and block nobody', async (_name, args) => {
    const { code, stdout, stderr } = await block(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('sallyport block --help');
    expect(commands.storesOpened()).toBe(0);
  });

  it.each([
    ['nothing', []],
    ['two targets', ['--all', '--client', 'a']],
    ['a reason', ['--all', '--reason', 'x']],
  ])('refuse to lift %s', async (_name, args) => {
    expect((await unblock(...args)).code).toBe(2);
  });

  it('explain themselves', async () => {
    expect(await block('--help')).toEqual({ code: 0, stdout: blockCommand.usage, stderr: '' });
    expect(await unblock('--help')).toEqual({ code: 0, stdout: unblockCommand.usage, stderr: '' });
  });
});
