import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/assert.ts';
import { isOperatorName } from '../../../src/core/operator.ts';
import { judgeCredential } from '../../../src/policy/credential.ts';
import { composeOperatorToken, isOperatorId, parseOperatorToken } from '../../../src/policy/operator-token.ts';
import { composeVirtualKey, digestKey, parseVirtualKey } from '../../../src/policy/virtual-key.ts';

const zeros = (count: number): Uint8Array => new Uint8Array(count);
const composed = composeOperatorToken(zeros);
const { token } = composed;

const headersOf = (name: string, value: string) => [{ name, value }];

describe('an operator token', () => {
  it('parses to its own id', () => {
    expect(token).toMatch(/^op_0{42}[0-9A-Za-z]{6}$/);
    expect(parseOperatorToken(token)).toBe(composed.id);
    for (let round = 0; round < 100; round += 1) {
      const other = composeOperatorToken(randomBytes);
      expect(parseOperatorToken(other.token)).toBe(other.id);
    }
  });

  it.each([
    ['nothing', ''],
    ['one wrong digit in the secret', token.replace('op_0000000000', 'op_0000000001')],
    ['a wrong checksum', `${token.slice(0, -1)}${token.endsWith('1') ? '2' : '1'}`],
    ['a cut token', token.slice(0, -1)],
    ['an appended digit', `${token}0`],
    ['an appended newline', `${token}\n`],
    ['a leading space', ` ${token}`],
    ['another prefix', token.replace('op_', 'vk_')],
    ['a prefix in capitals', token.replace('op_', 'OP_')],
    ['a virtual key', composeVirtualKey('live', randomBytes).key],
    ['a virtual key of the environment op', composeVirtualKey('op', randomBytes).key],
    ['a stored digest', digestKey('pepper', token)],
    ['a stored digest behind the prefix', `op_${digestKey('pepper', token).slice(0, 48)}`],
    ...["'", ';', '\0', '\n', '{', '%', '_', '\u00e9', '\u0660', '\ud800'].map((text): [string, string] => [
      `the character ${JSON.stringify(text)}`,
      token.slice(0, 20) + text + token.slice(20 + text.length),
    ]),
    ['a megabyte of digits', `op_${'0'.repeat(1_000_000)}`],
  ])('is not %s', (_name, text) => {
    expect(parseOperatorToken(text)).toBeUndefined();
  });

  it('is no virtual key, and not even a credential at the door', () => {
    expect(parseVirtualKey(token)).toBeUndefined();
    for (const headers of [headersOf('authorization', `Bearer ${token}`), headersOf('x-api-key', token), headersOf('api-key', token)]) {
      const view = { method: 'POST', path: '/v1/chat/completions', authority: 'door', headers, certificate: undefined, exchangeId: 'x' };
      expect(judgeCredential(view, () => false)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
    }
  });

  it('never runs for ever on a source of bytes that gives none of use', () => {
    expect(() => composeOperatorToken((count) => new Uint8Array(count).fill(255))).toThrow(InvariantError);
  });

  it('has an id of ten letters and digits', () => {
    expect(isOperatorId('0aZ0000000')).toBe(true);
    expect(['0aZ000000', '0aZ00000000', '0aZ000000-', ''].map(isOperatorId)).toEqual([false, false, false, false]);
  });
});

describe('an operator’s name', () => {
  it.each(['ann', 'ann@example.com', 'a', '0', 'a.b_c-d', 'a'.repeat(64)])('may be %s', (name) => {
    expect(isOperatorName(name)).toBe(true);
  });

  it.each(['', 'Ann', 'ann ', ' ann', 'ann\n', '-ann', '.ann', 'a'.repeat(65), 'ann/bob', 'änn', 'ann\u0000'])('may not be %j', (name) => {
    expect(isOperatorName(name)).toBe(false);
  });
});
