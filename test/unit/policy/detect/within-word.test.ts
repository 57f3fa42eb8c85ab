import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { staysInWord } from '../../../../src/policy/detect/within-word.ts';
import { detectorsWith } from '../../../../src/policy/masking/detectors.ts';

describe('an expression stays in a word', () => {
  it.each([
    'a-z',
    '[A-Za-z0-9]{1,9}$',
    String.raw`[\w.-]+\d?`,
    String.raw`[^\s"]{1,3}`,
    String.raw`\u00c0|[\u00c0-\u024f]`,
    String.raw`a\.b\/c\S`,
  ])('that has no white space: %s', (source) => {
    expect(staysInWord(source)).toBe(true);
  });

  it.each([
    'a b',
    'a.b',
    '[a ]',
    '[^a]',
    String.raw`\s`,
    String.raw`[\s]`,
    String.raw`\D`,
    String.raw`[\W]`,
    String.raw`\n`,
    String.raw`\x20`,
  ])('but not where it may have some: %s', (source) => {
    expect(staysInWord(source)).toBe(false);
  });

  it.each([String.raw`\u0020`, String.raw`[\u0000-\u00ff]`, String.raw`\p{L}`, '[\\', 'a\\'])(
    'nor where it cannot be told: %s',
    (source) => {
      expect(staysInWord(source)).toBe(false);
    },
  );

  it('of all built-in ones that are said to, none matches a text with white space', () => {
    const opens = detectorsWith({ patterns: new Map(), names: [] }, []).flatMap(({ detector: { open } }) =>
      open instanceof RegExp && staysInWord(open.source) ? [open] : [],
    );
    expect(opens.length).toBeGreaterThan(10);
    const unit = fc.constantFrom(' ', '\n', '\t', '\r', 'a', 'Z', '1', '-', '@', '.', ':', '/', '\\', 's', 'k');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        for (const open of opens) {
          expect(open.exec(text)?.[0] ?? '').not.toMatch(/[ \t\n\r]/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
