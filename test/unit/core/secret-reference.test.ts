import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSecretReference } from '../../../src/core/secret-reference.ts';

describe('parseSecretReference', () => {
  it.each([
    ['file:/run/secrets/openai', 'file', '/run/secrets/openai', undefined],
    ['file:./keys/openai#api_key', 'file', './keys/openai', 'api_key'],
    ['file:/home/José Pérez/llm (test)/key', 'file', '/home/José Pérez/llm (test)/key', undefined],
    ['file:/var/run/secrets/..data/openai', 'file', '/var/run/secrets/..data/openai', undefined],
    ['aws:prod/llm/openai#api_key', 'aws', 'prod/llm/openai', 'api_key'],
    ['aws:prod/sallyport/pepper', 'aws', 'prod/sallyport/pepper', undefined],
    [
      'aws-eu:arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/openai-AbCdEf#key',
      'aws-eu',
      'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/openai-AbCdEf',
      'key',
    ],
    ['aws:x#__proto__', 'aws', 'x', '__proto__'],
  ])('reads %s', (text, store, path, field) => {
    expect(parseSecretReference(text)).toEqual({ store, path, field });
  });

  it.each([
    ['', 'nothing'],
    ['sk-live-something', 'no store'],
    ['aws:', 'no path'],
    [':path', 'no store name'],
    ['AWS:path', 'store name in capitals'],
    ['aws:/leading', 'an empty segment'],
    ['aws:a//b', 'an empty segment within'],
    ['aws:a/../b', 'a parent segment'],
    ['aws:a b', 'a space in a store path'],
    ['aws:a#', 'an empty field'],
    ['aws:a#b#c', 'two fields'],
    ['aws:a#b c', 'a space in the field'],
    ['aws:a\nb', 'a line break'],
    ['aws:a\u0000', 'a NUL'],
    ['file:relative', 'a relative path without ./'],
    ['file:../up', 'a path that leaves its directory'],
    ['file:/a/../b', 'a parent segment in a file path'],
    ['file:/a/./b', 'a dot segment'],
    ['file:/', 'the root'],
    ['file:./', 'a directory'],
    ['file:/a\\b', 'a backslash'],
    [`aws:${'a'.repeat(509)}`, '513 characters'],
  ])('refuses %j: %s', (text) => {
    expect(parseSecretReference(text)).toBeUndefined();
  });

  it('takes 512 characters', () => {
    expect(parseSecretReference(`aws:${'a'.repeat(508)}`)).toBeDefined();
  });

  it('never throws, and what it reads spells the same text again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z-]{1,5}:[a-z./#]{1,20}$/)), (text) => {
        const parsed = parseSecretReference(text);
        if (parsed !== undefined) {
          expect(`${parsed.store}:${parsed.path}${parsed.field === undefined ? '' : `#${parsed.field}`}`).toBe(text);
        }
      }),
    );
  });
});
