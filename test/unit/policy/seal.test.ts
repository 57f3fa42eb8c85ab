import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/core/caller.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { Secret } from '../../../src/core/secret.ts';
import { openMac } from '../../../src/policy/mac.ts';
import { judgeSealed, openSeal, openSealMac, sealCaller, type SealedCaller } from '../../../src/policy/seal.ts';
import { CALLER as KEY_CALLER } from '../../support/callers.ts';

const MAC = openSealMac(new Secret('a pepper'));
const macCharacters = 43;
const NOW = 1_800_000_000_000;
const CALLER: Caller = { ...KEY_CALLER, expiresAtMs: NOW + 1_000 };

const seal = (mac = MAC): string => sealCaller(mac, { caller: CALLER, exchangeId: 'exchange-1', atMs: NOW, storeMs: 3 });

function open(sealed: string | undefined, exchangeId: string, nowMs: number): Outcome<SealedCaller> {
  const opened = openSeal(MAC, sealed);
  return opened.kind === 'next' ? judgeSealed(opened.found, exchangeId, nowMs) : opened;
}

/** `sealed` with the character at `at` replaced by another one. */
const altered = (sealed: string, at: number): string => `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;

describe('the seal of a caller', () => {
  it('opens for its own exchange', () => {
    expect(open(seal(), 'exchange-1', NOW + 5)).toEqual({
      kind: 'next',
      found: { caller: CALLER, exchangeId: 'exchange-1', atMs: NOW, storeMs: 3 },
    });
  });

  it.each<[string, string | undefined, string, number]>([
    ['absent', undefined, 'exchange-1', NOW],
    ['empty', '', 'exchange-1', NOW],
    ['without a mac', seal().slice(macCharacters), 'exchange-1', NOW],
    ['with a mac alone', seal().slice(0, macCharacters), 'exchange-1', NOW],
    ['with a short mac', seal().slice(1), 'exchange-1', NOW],
    ['with an altered caller', altered(seal(), seal().length - 8), 'exchange-1', NOW],
    ['with an altered mac', altered(seal(), 8), 'exchange-1', NOW],
    ['with a character outside Latin-1 in its mac', `\u{1F511}${seal().slice(2)}`, 'exchange-1', NOW],
    ['of another pepper', seal(openSealMac(new Secret('another'))), 'exchange-1', NOW],
    ['of another exchange', seal(), 'exchange-2', NOW],
    ['replayed later', seal(), 'exchange-1', NOW + 30_001],
    ['from the future', seal(), 'exchange-1', NOW - 5_001],
    ['over the size limit', 'A'.repeat(8_193), 'exchange-1', NOW],
  ])('is a fault when %s', (_, sealed, exchange, now) => {
    expect(open(sealed, exchange, now)).toMatchObject({ kind: 'fault', fault: { cause: 'seal' } });
  });

  it.each<[string, unknown]>([
    ['is no list', { atMs: NOW, exchangeId: 'exchange-1', caller: CALLER }],
    ['is empty', []],
    ['has no time', [undefined, 'exchange-1', CALLER]],
    ['has no exchange', [NOW, 1, CALLER]],
    ['has no caller', [NOW, 'exchange-1', undefined]],
  ])('is a fault where what was sealed %s: another version wrote it', (_, payload) => {
    const text = JSON.stringify(payload);
    expect(open(MAC(text, 'base64url') + text, 'exchange-1', NOW)).toMatchObject({ kind: 'fault', fault: { cause: 'seal' } });
  });

  it('does not sign with the pepper itself', () => {
    expect(MAC('text', 'hex')).not.toBe(openMac('a pepper')('text', 'hex'));
  });
});
