import type { EntitySource } from '../quality/entity-source.ts';
import { seededRandom } from '../quality/random.ts';
import { americas } from '../quality/values/americas.ts';
import { asiaPacific } from '../quality/values/asia-pacific.ts';
import { contact } from '../quality/values/contact.ts';
import { europe } from '../quality/values/europe.ts';
import { india } from '../quality/values/india.ts';
import { money } from '../quality/values/money.ts';
import { PERSONAL_ENTITIES } from '../../src/core/entity-list.ts';
import { detectWhole } from '../../src/policy/detect/detection.ts';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';

/** A value that is personal data, and words in which it stands as such. */
export interface Planted {
  readonly value: string;
  readonly sentence: string;
}

const sources: readonly EntitySource[] = [...contact, ...money, ...americas, ...europe, ...india, ...asiaPacific];
const everything = detectorSet(piiDetectors);

/** The words before a value tell what it is: those of its neighbours must not. */
const apart = 'Of this nothing else was ever said to anybody, and so the letter simply goes on. ';

/** What is found by itself is found wherever it is put: how much is found is for `npm run quality` to say. */
function isFound({ value, sentence }: Planted): boolean {
  const start = sentence.indexOf(value);
  return detectWhole(sentence, everything).some((match) => match.start <= start && match.end >= start + value.length);
}

/** `count` values, all different, of each entity in turn. */
export function plantedValues(count: number, seed: number): readonly Planted[] {
  const random = seededRandom(seed);
  const found = new Map<string, Planted>();
  for (let turn = 0; found.size < count; turn += 1) {
    const source = sources[turn % sources.length];
    if (source === undefined) {
      throw new Error('no entity has values');
    }
    const value = source.value(random);
    const planted = { value, sentence: `${apart}the ${random.pick(source.labels)} is ${value}, as they said` };
    if (isFound(planted)) {
      found.set(value, planted);
    }
  }
  return [...found.values()];
}

/** The entities of which there are no values. */
export const unplantedEntities: readonly string[] = PERSONAL_ENTITIES.filter((name) => !sources.some(({ entity }) => entity === name));
