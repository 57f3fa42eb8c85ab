import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { MaskedStream } from '../../src/policy/masking/mask-events.ts';
import { maskingOf, planFor } from '../../src/policy/masking/masking.ts';
import { madeStream, STREAMING, type StreamingOperation } from '../support/made-streams.ts';
import { readStream } from '../support/read-streams.ts';

const plan = planFor(
  maskingOf({ request: undefined, response: { actions: new Map([['email', 'redact']]), pass: [], trustedHosts: [] } }),
).response;
const card = 'PII_CARD_ABCDEFGHIJKL';
const name = 'PII_EMAIL_ABCDEFGHIJKM';
const subject = {
  plan,
  placeholders: new Map([
    [card, '4111 1111 1111 1111'],
    // As no detector finds it, so that it shows how a value is escaped.
    [name, '"Jö"\n\\n'],
  ]),
  said: new Set<string>(),
};

const texts = [`naïve 😀 ${card}, not bob@example.com; pii\\_email\\_abcdefghijkm`, 'PII_CARD'] as const;
const calls = [`{"to":"${card}","note":"\\u00fc\\n\\"bob\\u0040example.com\\" ${name} \\ud83d\\ude00"}`, '[4]'] as const;

const expectedText = 'naïve 😀 4111 1111 1111 1111, not [REDACTED_EMAIL]; "Jö"\n\\n';
const expectedCall = { to: '4111 1111 1111 1111', note: 'ü\n"[REDACTED_EMAIL]" "Jö"\n\\n 😀' };

/** One way to write the same events. */
type Framing = readonly [name: string, write: (events: readonly string[]) => string];

const onLines = (event: string): string =>
  event.replace(/^data: (\{.*\})$/m, (_, data: string) =>
    JSON.stringify(JSON.parse(data), undefined, 1)
      .split('\n')
      .map((line) => `data: ${line}`)
      .join('\n'),
  );

const framings: readonly Framing[] = [
  ['line feeds', (events) => events.join('')],
  ['carriage returns alone', (events) => events.join('').replaceAll('\n', '\r')],
  ['both', (events) => events.join('').replaceAll('\n', '\r\n')],
  ['data on several lines', (events) => events.map((event) => onLines(event)).join('')],
  [
    'data on several lines that end in both',
    (events) =>
      events
        .map((event) => onLines(event))
        .join('')
        .replaceAll('\n', '\r\n'),
  ],
  ['comments, a mark and other fields', (events) => `\ufeff${events.map((event) => `: hi\nid: 1\nretry: 5\n${event}`).join('')}`],
  ['no space behind the colon', (events) => events.join('').replaceAll('data: ', 'data:')],
];

function through(operation: StreamingOperation, pieces: Iterable<Uint8Array>): string {
  const stream = new MaskedStream(operation, subject);
  const passed: Buffer[] = [];
  for (const piece of pieces) {
    passed.push(stream.push(piece));
  }
  return Buffer.concat([...passed, stream.end()]).toString();
}

function check(operation: StreamingOperation, written: string): void {
  const read = readStream(operation, written.replace(/^\ufeff/, ''));
  expect(read.error).toBeUndefined();
  expect(read.deltas.get('text 0')).toBe(expectedText);
  expect(read.deltas.get('text 1')).toBe('PII_CARD');
  if (operation !== 'completions') {
    expect(JSON.parse(read.deltas.get('call 0') ?? '')).toEqual(expectedCall);
    expect(read.deltas.get('call 1')).toBe('[4]');
  }
  expect(read.isDone).toBe(operation === 'chat' || operation === 'completions');
}

function* everyByte(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1) {
    yield bytes.subarray(at, at + 1);
  }
}

describe.each(STREAMING)('a stream of %s', (operation) => {
  it.each(framings)('framed by %s is the same byte by byte, event by event and all at once', (_, frame) => {
    for (const sizes of [[1], [3, 1], [1_000]]) {
      const events = madeStream(operation, { texts, calls }, sizes);
      const bytes = Buffer.from(frame(events));
      check(operation, through(operation, everyByte(bytes)));
      check(operation, through(operation, [bytes]));
      check(operation, through(operation, [bytes.subarray(0, bytes.length - 1), bytes.subarray(bytes.length - 1)]));
    }
  });

  it('is the same in two pieces, at any of these places', () => {
    const bytes = Buffer.from(madeStream(operation, { texts, calls }, [40]).join(''));
    const whole = through(operation, [bytes]);
    for (let at = 1; at < bytes.length; at += 5) {
      expect(through(operation, [bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole);
    }
  });

  it('keeps every beginning of a placeholder that its end cuts off', () => {
    for (let length = 1; length < card.length; length += 1) {
      const said = `so ${card.slice(0, length)}`;
      const events = madeStream(operation, { texts: [said, 'x'], calls: ['{}', '{}'] }, [4]);
      const cut = events.slice(0, events.findLastIndex((event) => event.includes(said.slice(-1))) + 1);
      for (const written of [through(operation, [Buffer.from(events.join(''))]), through(operation, [Buffer.from(cut.join(''))])]) {
        const read = readStream(operation, written);
        expect(read.error).toBeUndefined();
        expect(said.startsWith(read.deltas.get('text 0') ?? '-')).toBe(true);
      }
      expect(readStream(operation, through(operation, [Buffer.from(events.join(''))])).deltas.get('text 0')).toBe(said);
    }
  });
});
