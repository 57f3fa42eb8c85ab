import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTokensMax } from '../../../src/policy/llm/input-bound.ts';
import { normalise } from '../../../src/policy/injection/normalise.ts';
import { normalForm } from '../../../src/policy/normal-form.ts';
import { threadTimeMs } from '../../support/thread-time.ts';

const above = '\u0315';
const below = '\u0316';
const halfWidthMark = '\uff9e';

const forms = ['NFC', 'NFKC', 'NFKD'] as const;

describe('a normal form', () => {
  it.each(forms)('is that of the language, %s, for text as people write it', (form) => {
    const letters = fc.constantFrom('a', 'é', '\u0301', above, below, halfWidthMark, '\ufdfa', '한', '\u{1d15e}', '\ud800', ' ');
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 29 }), (parts) => {
        const text = parts.join('');
        expect(normalForm(text, form)).toBe(text.normalize(form));
      }),
    );
  });

  it.each(forms)('is never shorter for rows of marks without end, %s', (form) => {
    const text = `a${above.repeat(200)}${below.repeat(200)}e\u0301`;
    expect(normalForm(text, form).length).toBeGreaterThanOrEqual(text.normalize(form).length);
    expect(normalForm(text, form).replaceAll('\u034f', '')).toHaveLength(text.normalize(form).length);
  });

  it.each([
    ['marks', below],
    ['half-width marks', halfWidthMark],
  ])('of a body full of %s out of order takes no time', (_name, second) => {
    const body = Buffer.from(`{"input":"a${above.repeat(40_000)}${second.repeat(40_000)}"}`);
    expect(threadTimeMs(() => textTokensMax(body), 100, 3)).toBeLessThan(500);
    expect(threadTimeMs(() => normalise(body.toString()), 100, 3)).toBeLessThan(500);
  });
});
