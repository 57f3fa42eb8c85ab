import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/assert.ts';
import { judgeBlocks, type StandingBlock } from '../../../src/policy/blocks.ts';

const holder = { key: 'AAAAAAAAAA', client: 'ledger', issuer: undefined, jti: undefined };
const token = { key: undefined, client: 'ledger', issuer: 'https://idp.example', jti: 'token-1' };

describe('judgeBlocks', () => {
  it.each<[string, StandingBlock, typeof holder | typeof token]>([
    ['its key', { kind: 'key', value: 'AAAAAAAAAA' }, holder],
    ['its client', { kind: 'client', value: 'ledger' }, holder],
    ['the client of its token', { kind: 'client', value: 'ledger' }, token],
    ['its issuer', { kind: 'issuer', value: 'https://idp.example' }, token],
    ['its token', { kind: 'jti', value: 'token-1' }, token],
    ['everyone', { kind: 'all', value: '' }, holder],
  ])('refuses a caller by %s', (_name, block, subject) => {
    expect(judgeBlocks([{ kind: 'client', value: 'other' }, block], subject)).toMatchObject({
      kind: 'deny',
      denial: { code: 'caller_blocked', detail: `block of kind ${block.kind}` },
    });
  });

  it.each<[string, StandingBlock]>([
    ['another key', { kind: 'key', value: 'BBBBBBBBBB' }],
    ['a client named like its key', { kind: 'client', value: 'AAAAAAAAAA' }],
    ['a client that starts like its own', { kind: 'client', value: 'ledge' }],
    ['an issuer it does not have', { kind: 'issuer', value: 'undefined' }],
    ['an empty token id', { kind: 'jti', value: '' }],
  ])('lets a caller pass a block of %s', (_name, block) => {
    expect(judgeBlocks([block], holder)).toEqual({ kind: 'next', found: null });
  });

  it('never passes a block of a kind it does not know', () => {
    const unknown: StandingBlock = { kind: 'key', value: '' };
    Object.defineProperty(unknown, 'kind', { value: 'planet' });
    expect(() => judgeBlocks([unknown], holder)).toThrow(InvariantError);
  });
});
