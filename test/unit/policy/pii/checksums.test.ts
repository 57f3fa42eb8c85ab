import { describe, expect, it } from 'vitest';
import { passesLuhn, passesMod11And10, passesMod97, passesVerhoeff, remainder, weightedSum } from '../../../../src/policy/pii/checksums.ts';
import { keccak256 } from '../../../../src/policy/pii/keccak.ts';

/** Every other last character must fail. */
const others = (value: string): readonly string[] =>
  Array.from({ length: 10 }, (_, digit) => value.slice(0, -1) + String(digit)).filter((each) => each !== value);

describe('check digits', () => {
  it.each([
    ['Luhn', passesLuhn, '79927398713'],
    ['Luhn of an even length', passesLuhn, '4111111111111111'],
    ['Verhoeff', passesVerhoeff, '2363'],
    ['Verhoeff of twelve digits', passesVerhoeff, '999941057058'],
    ['ISO/IEC 7064 MOD 11,10', passesMod11And10, '86095742719'],
    ['ISO/IEC 7064 MOD 97-10, letters and digits', passesMod97, 'WEST12345698765432GB82'],
  ])('%s takes the published example and none with another last digit', (_name, passes, value) => {
    expect(passes(value)).toBe(true);
    expect(others(value).filter((each) => passes(each))).toEqual([]);
  });

  it('Verhoeff finds two neighbours exchanged, which Luhn finds but for 09', () => {
    expect(['2633', '2336', '3263'].filter((value) => passesVerhoeff(value))).toEqual([]);
    expect(['091', '901'].filter((value) => passesLuhn(value))).toEqual(['091', '901']);
    expect(passesLuhn('4111111111111111'.replace('41', '14'))).toBe(false);
  });

  it('a remainder is that of the whole number, however long', () => {
    expect(remainder('2550814168025', 97)).toBe(59);
    expect(remainder('9'.repeat(40), 97)).toBe(Number(10n ** 40n % 97n) - 1);
  });

  it('what has no weight does not count', () => {
    expect(weightedSum('1239', [1, 10, 100])).toBe(321);
  });
});

describe('keccak256', () => {
  it.each([
    ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
  ])('gives the published digest of %j', (text, digest) => {
    expect(keccak256(text)).toBe(digest);
  });
});
