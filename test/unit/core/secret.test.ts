import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';

describe('a secret', () => {
  const secret = new Secret('sk-canary');

  it.each([
    ['a template', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { showHidden: true, depth: 5 })],
    ['a list of its members', JSON.stringify(Object.entries(secret))],
  ])('does not show in %s', (_, shown) => {
    expect(shown).not.toContain('sk-canary');
  });

  it('is there for those who ask for it by name', () => {
    expect(secret.reveal()).toBe('sk-canary');
  });

  it('knows another of the same value, and whether there is none', () => {
    expect(secret.equals(new Secret('sk-canary'))).toBe(true);
    expect(secret.equals(new Secret('sk-other'))).toBe(false);
    expect([secret.empty, new Secret('').empty]).toEqual([false, true]);
  });
});
