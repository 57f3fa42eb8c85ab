import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operatorsCommand } from '../../../src/cli/operators.ts';
import { Secret } from '../../../src/core/secret.ts';
import { parseOperatorToken } from '../../../src/policy/operator-token.ts';
import { digestKey } from '../../../src/policy/virtual-key.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { nowMs, pepper, startCommands, type Ran } from './command-context.ts';

const dayMs = 86_400_000;

let commands: ReturnType<typeof startCommands>;
const operators = (...args: string[]): Promise<Ran> => commands.run(operatorsCommand, ...args);

beforeEach(() => {
  commands = startCommands();
});
afterEach(() => {
  commands.remove();
});

const stored = async (id: string) => {
  const store = await commands.openStore();
  const record = await store.findOperator(id);
  await store.close();
  return record;
};

describe('operators create', () => {
  it('prints exactly one token, once, and stores a digest of it', async () => {
    const { code, stdout, stderr } = await operators('create', '--name', 'ann', '--role', 'approver');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^op_[0-9A-Za-z]{48}\n$/);
    const token = stdout.trimEnd();
    expect(stderr).not.toContain(token);
    const record = await stored(parseOperatorToken(token) ?? '');
    expect(record).toEqual({
      id: parseOperatorToken(token),
      name: 'ann',
      role: 'approver',
      digest: digestKey(pepper, token),
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 90 * dayMs,
      revokedAtMs: undefined,
    });
    expect(JSON.stringify(record)).not.toContain(token.slice(13));
  });

  it('prints the record beside the token as JSON, without a digest', async () => {
    const { stdout } = await operators('create', '--name', 'ann', '--role', 'viewer', '--expires', '2027-01-31', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'ann', role: 'viewer', state: 'active', expiresAt: '2027-01-31T00:00:00.000Z' });
    expect(stdout).toContain('"token": "op_');
    expect(stdout).not.toContain('digest');
  });

  it.each<[string, string[], string]>([
    ['no name', ['--role', 'viewer'], '--name is missing'],
    ['no role', ['--name', 'ann'], '--role is missing'],
    ['a name in capitals', ['--name', 'Ann', '--role', 'viewer'], 'lower-case'],
    ['a name with a space', ['--name', 'ann b', '--role', 'viewer'], 'lower-case'],
    ['a role that is none', ['--name', 'ann', '--role', 'root'], 'viewer, approver, admin'],
    ['a role of an object’s own', ['--name', 'ann', '--role', '__proto__'], 'viewer, approver, admin'],
    ['two roles', ['--name', 'ann', '--role', 'viewer', '--role', 'admin'], 'given twice'],
    ['no end', ['--name', 'ann', '--role', 'viewer', '--expires', 'never'], 'within a year'],
    ['an end in two years', ['--name', 'ann', '--role', 'viewer', '--expires', '730d'], 'within a year'],
    ['an end in the past', ['--name', 'ann', '--role', 'viewer', '--expires', '2026-11-21'], 'past'],
    ['a stray argument', ['ann', '--role', 'viewer'], 'unexpected argument'],
  ])('refuses %s, says so, and creates nothing', async (_name, args, message) => {
    const { code, stdout, stderr } = await operators('create', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(commands.storesOpened()).toBe(0);
  });

  it('refuses to digest under an empty pepper, and prints no token where the store fails', async () => {
    commands.remove();
    commands = startCommands({ pepper: () => Promise.resolve(new Secret('')) });
    expect(await operators('create', '--name', 'ann', '--role', 'viewer')).toMatchObject({ code: 1, stdout: '' });
    commands.remove();
    commands = startCommands({ openStore: () => Promise.reject(new StoreError('locked', new Error('the reason'))) });
    const failed = await operators('create', '--name', 'ann', '--role', 'viewer');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('the reason');
  });
});

describe('operators list and revoke', () => {
  it('show every token with its state, and nothing that opens a door', async () => {
    const { stdout } = await operators('create', '--name', 'ann', '--role', 'admin');
    const token = stdout.trimEnd();
    const id = parseOperatorToken(token) ?? '';
    expect((await operators('list')).stdout).toMatch(
      new RegExp(`^ID +STATE +ROLE +EXPIRES +NAME\n${id} +active +admin +2027-02-19 +ann\n$`),
    );
    const revoked = await operators('revoke', token);
    expect(revoked.code).toBe(0);
    expect(revoked.stdout).toContain(`Revoked token ${id} of ann`);
    expect(revoked.stdout + revoked.stderr).not.toContain(token);
    const json = await operators('list', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ id, state: 'revoked', revokedAt: '2026-11-21T12:00:00.000Z' }]);
    expect(json.stdout).not.toContain('digest');
  });

  it.each<[string, string[], number, string]>([
    ['an id that no token has', ['revoke', 'AAAAAAAAAA'], 1, 'no token AAAAAAAAAA'],
    ['no id', ['revoke'], 2, 'the id of one token'],
    ['two ids', ['revoke', 'AAAAAAAAAA', 'BBBBBBBBBB'], 2, 'the id of one token'],
    ['no id at all', ['revoke', 'ann'], 2, '10 letters and digits'],
    ['an unknown word', ['remove'], 2, 'say create, list or revoke'],
    ['nothing', [], 2, 'say create, list or revoke'],
  ])('refuse %s', async (_name, args, code, message) => {
    const ran = await operators(...args);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toContain(message);
  });

  it('explain themselves', async () => {
    for (const args of [['--help'], ['create', '--help'], ['list', '--help'], ['revoke', '--help']]) {
      expect(await operators(...args)).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
