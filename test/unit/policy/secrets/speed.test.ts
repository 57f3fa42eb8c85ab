import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../../src/policy/detect/detector.ts';
import { threadTimeMs } from '../../../support/thread-time.ts';
import { genericSecretDetectors, secretDetectors, tokenRules } from '../../../../src/policy/secrets/detectors.ts';

const units = 100_000;
const timeMsMax = 50;
/** With what `judge` does about each match of it; coverage makes that several times as slow. */
const judgedMsMax = 300;

const fill = (text: string): string => text.repeat(Math.ceil(units / text.length)).slice(0, units);

/** What a detector likes to try: its own heads repeated, its own alphabets, and what nearly is one. */
const texts = [
  ...new Set(tokenRules.flatMap(({ parts }) => parts.filter((part) => typeof part === 'string'))),
  'a',
  'A',
  '0',
  'f',
  '-',
  '_',
  '.',
  '/',
  '+',
  '=',
  ':',
  '@',
  ' ',
  '"',
  '+a',
  'a-',
  'a.',
  '0:AA',
  'eyJ',
  'eyJaaaaaaaaaa.',
  'eyJaaaaaaa.eyJ',
  'eyJhbGci',
  'MTaaaaaaaaaaaaaaaaaaaaaaaa.',
  'aaaaaaaaaaaaaa.atlasv1.',
  'a://',
  '://a:',
  'a://a:',
  'a:a@',
  '-----BEGIN ',
  '-----BEGIN RSA PRIVATE KEY-----',
  'PuTTY-User-Key-File-2: ssh-rsa',
  'aws key aaaaaaaaaaaaaaaa ',
  'aws key 0123456789abcdef0123456789abcdef01234567 ',
  'a1Q~',
  'password=',
  '"password": "',
  'token=aaaaaaaa1 ',
  'Bearer a1',
];

/** Each start by itself, as the engine does. */
function scan(source: RegExp, text: string, judge: (start: number, end: number) => boolean): void {
  const pattern = new RegExp(source.source, source.flags);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    judge(match.index, match.index + match[0].length);
    pattern.lastIndex = match.index + 1;
  }
}

const none = (): boolean => false;

interface Work {
  readonly name: string;
  readonly msMax: number;
  readonly run: () => void;
}

const work = (name: string, msMax: number, run: () => void): Work => ({ name, msMax, run });

function worksOf(detector: Detector, text: string): readonly Work[] {
  const open = work('open', timeMsMax, () => void detector.open.test(text));
  return detector.kind === 'pattern'
    ? [
        open,
        work('pattern', timeMsMax, () => scan(detector.pattern, text, none)),
        work('judge', judgedMsMax, () => scan(detector.pattern, text, (start, end) => detector.judge(text, start, end))),
      ]
    : [
        open,
        work('begin', timeMsMax, () => scan(detector.begin, text, none)),
        work('end', timeMsMax, () => scan(detector.end, text, none)),
      ];
}

describe('time', () => {
  it.each([...secretDetectors, ...genericSecretDetectors].map((detector, index) => [index, detector] as const))(
    `of detector %i over ${String(units)} characters of what it likes is at most ${String(timeMsMax)} ms`,
    (_, detector) => {
      for (const text of texts) {
        for (const { name, msMax, run } of worksOf(detector, fill(text))) {
          expect(threadTimeMs(run, msMax), `${name} of ${JSON.stringify(text)}`).toBeLessThanOrEqual(msMax);
        }
      }
    },
    120_000,
  );
});
