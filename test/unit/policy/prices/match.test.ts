import { describe, expect, it } from 'vitest';
import { matchesListed, withDashedDate } from '../../../../src/policy/prices/match.ts';

describe('a model of a price list', () => {
  it.each([
    [{ equals: 'GPT-4o' }, 'gpt-4o', true],
    [{ equals: 'gpt-4o' }, 'gpt-4o-mini', false],
    [{ starts_with: 'Claude-3-opus' }, 'claude-3-opus-20240229', true],
    [{ ends_with: '-Latest' }, 'claude-latest', true],
    [{ ends_with: '-latest' }, 'claude-latest-2', false],
    [{ contains: 'Nova-lite' }, 'us.amazon.nova-lite-v1:0', true],
    [{ contains: 'nova-lite' }, 'amazon.nova-pro-v1:0', false],
    [{ regex: '^gpt-6-sol-\\d{4}-\\d{2}-\\d{2}$' }, 'gpt-6-sol-2026-10-01', true],
    [{ or: [{ equals: 'a' }, { equals: 'b' }] }, 'b', true],
    [{ or: [] }, 'b', false],
    [{ and: [{ starts_with: 'gemini' }, { regex: '^(?!.*-tts$)' }] }, 'gemini-tts', false],
    [{ and: [{ starts_with: 'gemini' }, { regex: '^(?!.*-tts$)' }] }, 'gemini-pro', true],
  ])('%j: %s %s', (logic, name, isMeant) => {
    expect(matchesListed(logic, name)).toBe(isMeant);
  });

  it.each(['claude-sonnet-5-5', 'claude-sonnet-5.5', 'claude-sonnet-5-5-20261101', 'claude-sonnet-5-12'])(
    'is not its successor %s, whose price is not known',
    (name) => {
      expect(matchesListed({ starts_with: 'claude-sonnet-5' }, name)).toBe(false);
      expect(matchesListed({ contains: 'sonnet-5' }, `eu.${name}`)).toBe(false);
    },
  );

  it.each([
    'claude-sonnet-5',
    'claude-sonnet-5-20260203',
    'claude-sonnet-5-2026-02-03',
    'claude-sonnet-5-02-03',
    'claude-sonnet-5-latest',
    'claude-sonnet-5-v1:0',
    'claude-sonnet-5-001',
  ])('is served as %s', (name) => {
    expect(matchesListed({ starts_with: 'claude-sonnet-5' }, name)).toBe(true);
    expect(matchesListed({ contains: 'sonnet-5' }, `eu.${name}`)).toBe(true);
  });
});

describe('a date in a name', () => {
  it.each([
    ['gpt-5-20250807', 'gpt-5-2025-08-07'],
    ['gpt-5-20250807-eu', 'gpt-5-2025-08-07-eu'],
    ['gpt-5-2025-08-07', 'gpt-5-2025-08-07'],
    ['gpt-5-20251307', 'gpt-5-20251307'],
    ['gpt-5-202508070', 'gpt-5-202508070'],
  ])('of %s is spelt as in %s', (name, spelt) => {
    expect(withDashedDate(name)).toBe(spelt);
  });
});
