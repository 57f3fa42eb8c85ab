import { describe, expect, it } from 'vitest';
import type { MaskingRule } from '../../../../src/core/masking.ts';
import { Secret } from '../../../../src/core/secret.ts';
import type { Grant } from '../../../../src/policy/access.ts';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { maskingOf, openMaskings, planFor, planWithNames } from '../../../../src/policy/masking/masking.ts';
import { holderOf, maskingKey, openPlaceholders } from '../../../../src/policy/masking/placeholder.ts';
import { ruleOf } from './masks.ts';

const grant = (masking: MaskingRule | undefined): Grant => ({
  models: undefined,
  operations: undefined,
  providers: undefined,
  networks: undefined,
  masking,
  injection: undefined,
  policy: undefined,
});
const own = { patterns: new Map(), names: [] };

describe('what is masked for a caller', () => {
  const everybody = ruleOf({ request: { email: 'log' } });
  const strict = ruleOf({ request: { email: 'block', card: 'mask' } });

  it('is nothing where neither everybody nor one of its grants says so', () => {
    expect(openMaskings(undefined, own)([grant(undefined)])).toBeUndefined();
  });

  it('is all that everybody and its grants ask for', () => {
    const masking = openMaskings(everybody, own)([grant(undefined), grant(strict)]);
    expect(masking?.rule.request?.actions).toEqual(
      new Map([
        ['email', 'block'],
        ['card', 'mask'],
      ]),
    );
  });

  it('is found once for the same grants, and has one plan for all that ask for the same', () => {
    const maskings = openMaskings(everybody, own);
    const first = maskings([grant(strict)]);
    expect(maskings([grant(strict)])).toBe(first);
    expect(maskings([])).not.toBe(first);
    expect(planFor(maskingOf(everybody))).toBe(planFor(maskingOf(ruleOf({ request: { email: 'log' } }))));
    expect(planFor(maskingOf(everybody))).not.toBe(planFor(maskingOf(ruleOf({ request: { email: 'log' }, restore: false }))));
    expect(planFor(maskingOf(everybody))).not.toBe(planFor(maskingOf(ruleOf({ response: { email: 'log' } }))));
  });
});

describe('a placeholder', () => {
  const key = maskingKey(new Secret('a pepper'));
  const made = (entity: string, value: string, holder = holderOf({ client: 'app', user: 'jane' }), under = key): string =>
    openPlaceholders(under, holder)(entity, value);

  it('is the same for the same value of the same holder, and shows its type', () => {
    expect(made('email', 'a@b.io')).toBe(made('email', 'a@b.io'));
    expect(made('url_credentials', 'x')).toMatch(/^PII_URL_CREDENTIALS_[A-Z2-7]{12}$/);
  });

  it.each([
    ['value', made('email', 'b@b.io')],
    ['entity', made('phone', 'a@b.io').replace('PHONE', 'EMAIL')],
    ['client', made('email', 'a@b.io', holderOf({ client: 'other', user: 'jane' }))],
    ['user', made('email', 'a@b.io', holderOf({ client: 'app', user: 'john' }))],
    ['user, without one', made('email', 'a@b.io', holderOf({ client: 'app', user: undefined }))],
    ['pepper', made('email', 'a@b.io', undefined, maskingKey(new Secret('another')))],
  ])('is another for another %s', (_, other) => {
    expect(other).toMatch(/^PII_EMAIL_/);
    expect(other).not.toBe(made('email', 'a@b.io'));
  });

  it('does not let names of clients and users be shifted into each other', () => {
    expect(holderOf({ client: 'a","b', user: undefined })).not.toBe(holderOf({ client: 'a', user: 'b' }));
    expect(holderOf({ client: 'a', user: 'null' })).not.toBe(holderOf({ client: 'a', user: undefined }));
  });
});

const found = (text: string, plan: ReturnType<typeof planFor>): readonly string[] =>
  plan.request === undefined ? [] : detectWhole(text, plan.request.set).map(({ start, end }) => text.slice(start, end));

describe('what the settings add', () => {
  const patterns = new Map([['employee', { regex: 'EMP-[0-9]{4}', longest: 8, context: undefined }]]);

  it('is looked for where it is named: patterns, and names of persons', () => {
    const named = maskingOf(ruleOf({ request: { employee: 'mask', person: 'mask' } }), { patterns, names: ['Jane Roe'] });
    expect(found('EMP-1234 met jane roe', planFor(named))).toEqual(['EMP-1234', 'jane roe']);
    const other = maskingOf(ruleOf({ request: { email: 'mask' } }), { patterns, names: ['Jane Roe'] });
    expect(other.own).toEqual(own);
    expect(found('EMP-1234 met jane roe', planFor(other))).toEqual([]);
  });

  it('is also what was found in one request, in its own letter case', () => {
    const masking = maskingOf(ruleOf({ request: { person: 'mask' } }));
    expect(found('Will said that he will', planWithNames(masking, ['Will']))).toEqual(['Will']);
    expect(planWithNames(masking, [])).toBe(planFor(masking));
  });
});
