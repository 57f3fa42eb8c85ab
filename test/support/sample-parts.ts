import type { Part } from '../../src/policy/secrets/parts.ts';
import type { Random } from '../simulation/random.ts';

const ascii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));

/** A text made of these parts, its lengths and characters drawn at random. */
export const sampleParts = (random: Random, parts: readonly Part[]): string =>
  parts
    .map((part) => {
      if (typeof part === 'string') {
        return part;
      }
      const one = new RegExp(`[${part.chars}]`);
      const [first = '', ...others] = ascii.filter((character) => one.test(character));
      return Array.from({ length: random.between(part.min, part.max) }, () => random.pick([first, ...others])).join('');
    })
    .join('');
