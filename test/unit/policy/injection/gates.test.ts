import { describe, expect, it } from 'vitest';
import { families } from '../../../../src/policy/injection/families.ts';
import { normalise } from '../../../../src/policy/injection/normalise.ts';
import { otherAttacks, otherWords } from '../../../quality/attack-others.ts';
import { overrideHeld, overrideOpen, overrideWords } from '../../../quality/attack-override.ts';
import { expand } from '../../../quality/attack-parts.ts';
import { openRandom } from '../../../simulation/random.ts';

const random = openRandom(3);
const attacks = Array.from({ length: 20 }, () => [
  ...[...overrideOpen, ...overrideHeld].map((template) => expand(random, template, overrideWords)),
  ...otherAttacks.flatMap(({ open, held }) => [...open, ...held].map((template) => expand(random, template, otherWords))),
]).flat();

describe('the gate of a family', () => {
  it.each(families.map((family) => [family.name, family] as const))(
    '%s is open wherever a pattern matches, also across lines',
    (_, family) => {
      let matched = 0;
      for (const text of attacks.flatMap((attack) => [attack, attack.replaceAll(' ', '\n'), attack.replaceAll(' ', '" ')])) {
        const plain = normalise(text);
        if (family.patterns.some(({ pattern }) => pattern.test(plain))) {
          matched += 1;
          expect(family.gate.test(plain), text).toBe(true);
        }
      }
      expect(matched).toBeGreaterThan(0);
    },
  );
});
