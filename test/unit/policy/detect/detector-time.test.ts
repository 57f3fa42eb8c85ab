import { describe, expect, it } from 'vitest';
import { detectWhole, openDetection } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import type { Detector } from '../../../../src/policy/detect/detector.ts';
import { piiDetectors } from '../../../../src/policy/pii/registry.ts';
import { namedValues } from '../../../support/pii-values.ts';

const longLength = 100_000;
/** What a pattern may take for a text of `longLength`, with the judgement of its matches. Quadratic ones take seconds. */
const patternMsMax = 50;
/** Caches and collections of garbage. */
const noiseMs = 10;
/** What all may take for a text ten times as long. */
const allMsMax = 250;
/** What a stream may take for each of its chunks. */
const chunkUsMax = 5;
/** A program that shares caches and units of the core with others needs more of its own time, too. */
const busyFactor = 2;
/** About a token. */
const chunkLength = 4;

const repeat = (part: string, length: number): string => part.repeat(Math.ceil(length / part.length)).slice(0, length);

/** Characters, beginnings and near misses of all that is known, each repeated: whatever is bad for one detector is tried with all. */
const parts = [
  ...new Set([
    ...Array.from(namedValues.join('')),
    ...namedValues,
    ...namedValues.map((value) => `${value} `),
    ...namedValues.map((value) => value.slice(0, -1)),
    ...namedValues.map((value) => `${value.slice(0, -1)}#`),
    ...namedValues.map((value) => value.slice(0, Math.ceil(value.length / 2))),
    '1 ',
    '1-',
    '1.',
    '12 ',
    '123 ',
    '1234 ',
    '12345 ',
    'a.',
    'a-',
    'a@',
    'a:',
    '1:',
    '::',
    ':1',
    '+1',
    '(12) ',
    '0x',
    'A1',
    '1a',
    'ab12 ',
    '://',
    'a://a:',
    '\\n1',
    '001-',
    '00 1',
    '+12025550123 ',
    '4111 1111 1111 1111 ',
    '2341 2341 2346 ',
    'order no. 123456789012 ',
  ]),
];

const matchesOf = ({ pattern, judge }: Pick<Extract<Detector, { kind: 'pattern' }>, 'pattern' | 'judge'>, text: string): void => {
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    judge(text, found.index, found.index + found[0].length);
    pattern.lastIndex = found.index + 1;
  }
};
const search = (pattern: RegExp, text: string): void => {
  pattern.lastIndex = 0;
  pattern.exec(text);
};

function work(detector: Detector, text: string): void {
  search(detector.open, text.slice(-(detector.kind === 'pattern' ? detector.lengthMax : detector.beginMax) - 1));
  if (detector.kind === 'pattern') {
    matchesOf(detector, text);
  } else {
    matchesOf({ pattern: detector.begin, judge: () => true }, text);
    search(detector.end, text.slice(0, detector.lengthMax));
  }
}

/**
 * CPU time of this thread, best of three, since other programs run on the machine too; a first good one is enough, and one above `most` is not
 * believed at once.
 */
function msOf(run: () => void, enough: number, most: number): number {
  let best = Infinity;
  for (let attempt = 0; best > enough && attempt < (best < most ? 3 : 10); attempt += 1) {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

describe('the time that detectors take', () => {
  const texts = parts.map((part) => ({ part, text: repeat(part, longLength) }));

  it.each(piiDetectors.map(({ detector }, index) => ({ name: `${detector.entity} (${String(index)})`, detector })))(
    '$name: grows with the text, not with its square',
    ({ detector }) => {
      for (const { part, text } of texts) {
        const ms = msOf(
          () => {
            work(detector, text);
          },
          5,
          patternMsMax,
        );
        expect(ms, `repeated: ${part}`).toBeLessThan(patternMsMax);
        if (ms > 20) {
          // The longer text second: what is remembered of the shorter one must not count for it.
          const limitMs = ms * 3 + noiseMs;
          const doubleMs = msOf(
            () => {
              work(detector, text + text);
            },
            limitMs,
            limitMs,
          );
          expect(doubleMs, `repeated: ${part}; half of it took ${String(ms)} ms`).toBeLessThan(limitMs);
        }
      }
    },
    60_000,
  );

  it.each([
    ['prose', 'The quick brown fox jumps over the lazy dog, and then it sleeps for a while. '],
    ['nothing but values', `${namedValues.join(', ')}. `],
    ['values in prose', namedValues.map((value) => `This is what they wrote on the form: ${value}, and nobody knew why. `).join('')],
    ['code', 'const x12 = { a: 0x1f, b: [1, 22, 333], id: "550e8400-e29b-41d4-a716-446655440000" };\n'],
    ['numbers', '1234 5678 90123 4567 '],
    ['one letter', 'a'],
    ['one digit', '1'],
    ['cards', '4111 1111 1111 1111 '],
    ['calls with a sign', '+12025550123 '],
  ])('1 MB of %s', (_name, part) => {
    const set = detectorSet(piiDetectors);
    const text = repeat(part, 1_000_000);
    const ms = msOf(
      () => {
        detectWhole(text, set);
      },
      allMsMax / 2,
      allMsMax * busyFactor,
    );
    expect(ms).toBeLessThan(allMsMax * busyFactor);
  });

  it('a stream of small chunks', () => {
    const set = detectorSet(piiDetectors);
    const text = repeat('The quick brown fox (3 years old) jumps over the lazy dog, call +1 202 555 0123 and then it sleeps. ', 60_000);
    const ms = msOf(
      () => {
        const detection = openDetection(set);
        for (let at = 0; at < text.length; at += chunkLength) {
          detection.push(text.slice(at, at + chunkLength));
        }
        detection.end();
      },
      0,
      Infinity,
    );
    expect((ms * 1_000) / (text.length / chunkLength)).toBeLessThan(chunkUsMax * busyFactor);
  });
});
