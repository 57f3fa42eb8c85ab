import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { ENTITIES } from '../../src/core/entity-list.ts';
import { detectWhole, openDetection } from '../../src/policy/detect/detection.ts';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { maskRequest } from '../../src/policy/masking/mask-request.ts';
import { maskingOf, planFor } from '../../src/policy/masking/masking.ts';
import { openPlaceholders } from '../../src/policy/masking/placeholder.ts';
import { cleanTexts } from '../quality/clean-texts.ts';
import { contextTexts, prefixTexts } from '../quality/secret-texts.ts';
import { openRandom } from '../simulation/random.ts';
import { everyBuiltIn } from '../support/every-detector.ts';
import { namedValues } from '../support/pii-values.ts';

/**
 * What one text, or one chunk of a stream, costs with every built-in detector on, in microseconds: by the clock, and for texts of 1 MB of
 * this thread's own time, which is what a busy machine does not change.
 */
export interface DetectRun {
  readonly row: string;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly meanUs: number;
  /** Characters that a stream holds back behind a chunk; undefined for whole texts. */
  readonly held: { readonly mean: number; readonly p99: number; readonly max: number } | undefined;
  readonly bars: readonly { readonly name: string; readonly us: number; readonly usMax: number }[];
}

const set = detectorSet(everyBuiltIn);

/** About a token. */
const chunkLength = 4;
const heldP99Max = 64;

const repeat = (part: string, length: number): string => part.repeat(Math.ceil(length / part.length)).slice(0, length);

const prose = `The report on the third quarter is nearly done, and most of it reads well. We should look at the second chapter again before Friday,
since two of the tables (pages 12 and 31) disagree with what the finance team wrote in March 2026. Could you draft a reply that says so? `;

/** As people write to models: prose, some code, and here and there a value or what looks like one. */
function promptOf(length: number): string {
  const random = openRandom(11);
  const special: readonly [string, ...string[]] = [
    prose,
    ...cleanTexts(random, 40),
    ...prefixTexts(random, 10).map(({ text }) => text),
    ...contextTexts(random, 10).map(({ text }) => text),
    ...namedValues,
  ];
  let text = '';
  while (text.length < length) {
    text += `${prose}${prose}${prose}${random.pick(special)}\n`;
  }
  return text.slice(0, length);
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function usOf(run: () => void): number {
  const startMs = performance.now();
  run();
  return (performance.now() - startMs) * 1_000;
}

function threadUsOf(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

type Bars = (p50Us: number, p99Us: number, meanUs: number, bestUs: number) => DetectRun['bars'];

function runOf(row: string, samplesUs: readonly number[], bars: Bars, held?: DetectRun['held']): DetectRun {
  const sorted = samplesUs.toSorted((a, b) => a - b);
  const [p50Us, p99Us, meanUs] = [at(sorted, 0.5), at(sorted, 0.99), meanOf(sorted)];
  return { row, p50Us, p99Us, meanUs, held, bars: bars(p50Us, p99Us, meanUs, at(sorted, 0)) };
}

interface Timing {
  readonly times: number;
  readonly clock: (run: () => void) => number;
}

const measureWhole = (row: string, text: string, timing: Timing, bars: Bars): DetectRun =>
  measure(row, () => void detectWhole(text, set), timing, bars);

const everyEntity = new Map(
  ENTITIES.flatMap(({ name, kind, directions }) =>
    directions.includes('request') ? [[name, kind === 'secret' ? 'redact' : 'mask'] as const] : [],
  ),
);
const plan = planFor(maskingOf({ request: { actions: everyEntity, pass: [], restore: true }, response: undefined }));
const placeholderOf = openPlaceholders(randomBytes(32), 'bench');

/** The same text as a request of a client, from its bytes to those that its provider gets. */
function measureRequest(row: string, text: string, timing: Timing, bars: Bars): DetectRun {
  const bytes = Buffer.from(JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: text }] }));
  const once = (): void => {
    const masked = maskRequest({ operation: 'chat', bytes, plan, placeholderOf });
    if (masked.kind !== 'next') {
      throw new Error(`the bench's own request is refused: ${JSON.stringify(masked)}`);
    }
  };
  return measure(row, once, timing, bars);
}

function measure(row: string, once: () => void, { times, clock }: Timing, bars: Bars): DetectRun {
  for (let warm = 0; warm < Math.ceil(times / 10); warm += 1) {
    once();
  }
  return runOf(
    row,
    Array.from({ length: times }, () => clock(once)),
    bars,
  );
}

function measureStream(text: string): DetectRun {
  const samples: number[] = [];
  const held: number[] = [];
  const detection = openDetection(set);
  let given = 0;
  for (let from = 0; from < text.length; from += chunkLength) {
    const chunk = text.slice(from, from + chunkLength);
    samples.push(
      usOf(() => {
        given += detection.push(chunk).reduce((sum, piece) => sum + piece.text.length, 0);
      }),
    );
    held.push(from + chunk.length - given);
  }
  const sorted = held.toSorted((a, b) => a - b);
  return runOf('stream, chunk of 4', samples, (_p50, _p99, us) => [{ name: 'mean', us, usMax: 5 }], {
    mean: meanOf(sorted),
    p99: at(sorted, 0.99),
    max: at(sorted, 1),
  });
}

const megabyteBar: Bars = (_p50, _p99, _mean, us) => [{ name: 'best', us, usMax: 250_000 }];

/** What has cost most of some 200 texts that repeat characters, beginnings and whole values. */
const hostile: readonly (readonly [string, string])[] = [
  ['calls abroad', '001-'],
  ['cards', '4111 1111 1111 1111 '],
  ['keys', 'aws key 0123456789abcdef0123456789abcdef01234567 '],
  ['links', '](https://a.b/?'],
];

/** `share` of the usual repetitions. */
export function measureDetection(share: number): readonly DetectRun[] {
  const many = (times: number): number => Math.max(3, Math.round(times * share));
  const byClock = (times: number): Timing => ({ times: many(times), clock: usOf });
  const megabyte: Timing = { times: many(10), clock: threadUsOf };
  measureStream(promptOf(64 * 1_024));
  return [
    measureWhole('prompt 4 KiB', promptOf(4 * 1_024), byClock(4_000), (us, p99) => [
      { name: 'p50', us, usMax: 1_000 },
      { name: 'p99', us: p99, usMax: 5_000 },
    ]),
    measureWhole('prompt 64 KiB', promptOf(64 * 1_024), byClock(300), (us) => [{ name: 'p50', us, usMax: 25_000 }]),
    measureRequest('request 4 KiB', promptOf(4 * 1_024), byClock(4_000), (us, p99) => [
      { name: 'p50', us, usMax: 1_000 },
      { name: 'p99', us: p99, usMax: 5_000 },
    ]),
    measureRequest('request 64 KiB', promptOf(64 * 1_024), byClock(300), (us) => [{ name: 'p50', us, usMax: 25_000 }]),
    measureStream(promptOf(many(512) * 1_024)),
    measureWhole('1 MB of prose', repeat(prose, 1_000_000), megabyte, megabyteBar),
    measureWhole('1 MB of values', repeat(`${namedValues.join(', ')}. `, 1_000_000), megabyte, megabyteBar),
    measureWhole('1 MB of numbers', repeat('1234 5678 90123 4567 ', 1_000_000), megabyte, megabyteBar),
    measureWhole('1 MB of heads', repeat('sk-ant-', 1_000_000), megabyte, megabyteBar),
    measureWhole('1 MB of names', repeat('password=', 1_000_000), megabyte, megabyteBar),
    ...hostile.map(([name, part]) => measureWhole(`1 MB of ${name}`, repeat(part, 1_000_000), megabyte, megabyteBar)),
  ];
}

const ms = (us: number): string => (us / 1_000).toFixed(us < 100 ? 4 : 2).padStart(9);

export const detectText = (runs: readonly DetectRun[]): string =>
  runs
    .map(({ row, p50Us, p99Us, meanUs, held, bars }) => {
      const holds = held === undefined ? '' : `  held ${held.mean.toFixed(1)} mean, ${String(held.p99)} p99, ${String(held.max)} max`;
      const shares = bars.map(({ name, us, usMax }) => `${name} is ${(us / usMax).toFixed(2)} of its bar`).join(', ');
      return `${row.padEnd(20)} ms: p50 ${ms(p50Us)}  p99 ${ms(p99Us)}  mean ${ms(meanUs)}${holds}  (${shares})\n`;
    })
    .join('');

export const detectBarsMissed = (runs: readonly DetectRun[]): readonly string[] => [
  ...runs.flatMap(({ row, bars }) =>
    bars.filter(({ us, usMax }) => us > usMax).map(({ name, us, usMax }) => `${row}: ${name} ${ms(us).trim()} ms of ${ms(usMax).trim()}`),
  ),
  ...runs
    .filter(({ held }) => held !== undefined && held.p99 > heldP99Max)
    .map(({ row, held }) => `${row}: holds ${String(held?.p99)} at p99`),
];
