import { expect, it } from 'vitest';
import { oncePer } from '../../../src/core/once-per.ts';

it('makes what belongs to an object once, an empty text too, and again for another one that looks the same', () => {
  const asked: object[] = [];
  const nameOf = oncePer((key: { readonly name: string }) => {
    asked.push(key);
    return key.name;
  });
  const [first, second, empty] = [{ name: 'a' }, { name: 'a' }, { name: '' }];
  expect([first, first, second, first, empty, empty].map(nameOf)).toEqual(['a', 'a', 'a', 'a', '', '']);
  expect(asked).toEqual([first, second, empty]);
  expect([asked[0] === first, asked[1] === second]).toEqual([true, true]);
});

it('makes it anew where that failed', () => {
  let isBroken = true;
  const made = oncePer(() => {
    if (isBroken) {
      throw new Error('not now');
    }
    return 'made';
  });
  const key = {};
  expect(() => made(key)).toThrow('not now');
  isBroken = false;
  expect(made(key)).toBe('made');
});
