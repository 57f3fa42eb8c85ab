import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import type { EntitySource } from './entity-source.ts';
import { frame } from './frames.ts';
import type { Labelled, Span } from './labelled.ts';
import { negative } from './negatives.ts';
import { seededRandom, type Random } from './random.ts';
import type { Suite } from './suites.ts';
import { americas } from './values/americas.ts';
import { asiaPacific } from './values/asia-pacific.ts';
import { contact } from './values/contact.ts';
import { europe } from './values/europe.ts';
import { india } from './values/india.ts';
import { money } from './values/money.ts';

const sources: readonly EntitySource[] = [...contact, ...money, ...americas, ...europe, ...india, ...asiaPacific];

/** For each value so many texts without any: real texts have more of them. */
const negativesPerEntity = 1;

function labelled(source: EntitySource, random: Random): Labelled {
  const value = source.value(random);
  const { text, start } = frame(random, value, random.pick(source.labels), source.needsLabel === true);
  return { text, spans: [{ start, end: start + value.length, entity: source.entity }] };
}

/** Several texts as one: what stands next to a value is often another one. */
function join(parts: readonly Labelled[], separator: string): Labelled {
  let text = '';
  const spans: Span[] = [];
  for (const part of parts) {
    const at = text === '' ? 0 : text.length + separator.length;
    text = text === '' ? part.text : text + separator + part.text;
    spans.push(...part.spans.map((span) => ({ ...span, start: span.start + at, end: span.end + at })));
  }
  return { text, spans };
}

function* make(seed: number, samples: number): Generator<Labelled> {
  const random = seededRandom(seed);
  for (let sample = 0; sample < samples; sample += 1) {
    for (const source of sources) {
      const parts = [labelled(source, random)];
      for (let extra = 0; extra < negativesPerEntity; extra += 1) {
        parts.push({ text: negative(random), spans: [] });
      }
      yield* random.once(3) ? [join(random.once(2) ? parts : parts.toReversed(), random.pick(['\n', '\n\n', ' ']))] : parts;
    }
  }
}

/** Personal data, all detectors at once, as a policy that wants everything runs them. */
export const piiSuite: Suite = { name: 'personal data', set: detectorSet(piiDetectors), make };
