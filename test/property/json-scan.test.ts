import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { elementsOf, membersOf } from '../../src/policy/json/children.ts';
import { DEFAULT_SCAN_LIMITS } from '../../src/policy/json/document.ts';
import type { ValueSpan } from '../../src/policy/json/document.ts';
import { scanDocument } from '../../src/policy/json/scan.ts';
import { encodeString, splice } from '../../src/policy/json/splice.ts';

const scan = (bytes: Uint8Array) => scanDocument(bytes, DEFAULT_SCAN_LIMITS);
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

function parseObject(text: string): object {
  const parsed: unknown = JSON.parse(text);
  must(typeof parsed === 'object' && parsed !== null, 'an object');
  return parsed;
}

/** Unlike `toEqual`, this compares own members called `__proto__`. */
function expectSame(actual: unknown, expected: unknown): void {
  expect(isDeepStrictEqual(actual, expected), `${JSON.stringify(actual)} is ${JSON.stringify(expected)}`).toBe(true);
}

/** `Object.fromEntries` defines own members, `__proto__` too, as `JSON.parse` does. */
const fromEntries = (entries: readonly (readonly [string, unknown])[]): object => Object.fromEntries(entries);

const text = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constantFrom('\\', '"', '\n', '\u{2028}', '{', '}')),
});
const name = fc
  .oneof(text, fc.constantFrom('model', 'messages', '__proto__', 'constructor', ''))
  .filter((key) => !key.includes('\0') && !key.includes('\\'));
const { node: value } = fc.letrec<{ node: unknown; list: unknown; map: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('node'), { maxLength: 6 }),
  map: fc.uniqueArray(fc.tuple(name, tie('node')), { maxLength: 12, selector: ([key]) => key }).map(fromEntries),
}));
const document = fc.uniqueArray(fc.tuple(name, value), { maxLength: 12, selector: ([key]) => key }).map(fromEntries);
const space = fc.constantFrom('', ' ', '\n', '\t\r\n  ');

/** JSON text of `node` with the given space around every token, and names and texts wholly escaped where `escape` says so. */
function write(node: unknown, gap: string, escape: boolean): string {
  const literal = (string: string): string =>
    escape
      ? `"${Array.from({ length: string.length }, (_, unit) => `\\u${string.charCodeAt(unit).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(string);
  const join = (open: string, parts: readonly string[], close: string): string =>
    `${open}${gap}${parts.join(`${gap},${gap}`)}${gap}${close}`;
  if (typeof node === 'string') {
    return literal(node);
  }
  if (Array.isArray(node)) {
    return join(
      '[',
      node.map((child) => write(child, gap, escape)),
      ']',
    );
  }
  if (typeof node === 'object' && node !== null) {
    return join(
      '{',
      Object.entries(node).map(([key, child]) => `${literal(key)}${gap}:${gap}${write(child, gap, escape)}`),
      '}',
    );
  }
  return JSON.stringify(node);
}

/** The value as `membersOf` and `elementsOf` take it apart, put together again. */
function rebuild(bytes: Buffer, span: ValueSpan): unknown {
  if (span.type === 'object') {
    return fromEntries(membersOf(bytes, span).map((member) => [member.key, rebuild(bytes, member)]));
  }
  if (span.type === 'array') {
    return elementsOf(bytes, span).map((element) => rebuild(bytes, element));
  }
  return JSON.parse(bytes.toString('utf8', span.start, span.end)) as unknown;
}

/** Every name in the value, at any depth. */
function namesIn(bytes: Buffer, span: ValueSpan): readonly string[] {
  if (span.type === 'object') {
    return membersOf(bytes, span).flatMap((member) => [member.key, ...namesIn(bytes, member)]);
  }
  return span.type === 'array' ? elementsOf(bytes, span).flatMap((element) => namesIn(bytes, element)) : [];
}

/**
 * What an accepted document must satisfy: `JSON.parse` reads the same names, in the same order, with the same values.
 * The V8 of Node 24.21 misreads an escaped name for another that holds a backslash and that it has seen in that place before,
 * so it is no judge of names with backslashes: those are neither compared nor shown to it.
 */
function expectAgreement(bytes: Buffer): void {
  const scanned = scan(bytes);
  must(scanned.kind === 'object', `accepted: ${JSON.stringify(scanned)}`);
  const names = scanned.members.flatMap((member) => [member.key, ...namesIn(bytes, member)]);
  if (names.some((key) => key.includes('\\'))) {
    return;
  }
  const entries = scanned.members.map(
    (member) => [member.key, JSON.parse(bytes.toString('utf8', member.start, member.end)) as unknown] as const,
  );
  const parsed = parseObject(decode(bytes));
  expectSame(fromEntries(entries), parsed);
  expect(Object.keys(fromEntries(entries))).toEqual(Object.keys(parsed));
  expectSame(fromEntries(scanned.members.map((member) => [member.key, rebuild(bytes, member)])), parsed);
}

const soup = fc.array(
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u',
    '00',
    '0',
    '1',
    '-',
    '.',
    'e',
    '+',
    'true',
    'false',
    'null',
    ' ',
    '"a"',
    '"b":',
    '\\ud83d',
    '\\ude00',
    'é',
  ),
  { maxLength: 24 },
);

describe('any bytes', () => {
  it('give an outcome, and what is accepted JSON.parse reads alike', () => {
    const inputs = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      soup.map((parts) => Buffer.from(parts.join(''))),
      soup.map((parts) => Buffer.from(`{"a":${parts.join('')}}`)),
    );
    fc.assert(
      fc.property(inputs, (bytes) => {
        const scanned = scan(bytes);
        if (scanned.kind === 'object') {
          expectAgreement(bytes);
        } else {
          expect(scanned.at).toBeGreaterThanOrEqual(0);
          expect(scanned.at).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('that differ from a document in one byte give an outcome that JSON.parse agrees with', () => {
    fc.assert(
      fc.property(document, fc.nat(), fc.nat(255), (node, where, byte) => {
        const bytes = Buffer.from(JSON.stringify(node));
        bytes[where % bytes.length] = byte;
        if (scan(bytes).kind === 'object') {
          expectAgreement(bytes);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('that are a document cut short are refused', () => {
    fc.assert(
      fc.property(document, fc.nat(), (node, where) => {
        const bytes = Buffer.from(JSON.stringify(node));
        expect(scan(bytes.subarray(0, where % bytes.length)).kind).toBe('refused');
      }),
    );
  });
});

describe('a document without duplicates', () => {
  it('is accepted and agrees, whatever the space between its tokens and however it is escaped', () => {
    fc.assert(
      fc.property(document, space, fc.boolean(), (node, gap, escape) => {
        expectAgreement(Buffer.from(`${gap}${write(node, gap, escape)}${gap}`));
      }),
      { numRuns: 500 },
    );
  });

  it('is refused as soon as one name stands twice, at any depth', () => {
    fc.assert(
      fc.property(
        document,
        name,
        value,
        fc.nat(40),
        fc.array(name, { maxLength: 12 }),
        fc.boolean(),
        (node, twice, inner, depth, others, escape) => {
          const between = [...new Set(others)].filter((key) => key !== twice).map((key) => `${JSON.stringify(key)}:1,`);
          const object =
            `{"":${JSON.stringify(inner)},`.replace('"":', `${write(twice, '', false)}:`) +
            `${between.join('')}${write(twice, '', escape)}:1}`;
          const deep = `${'['.repeat(depth)}${object}${']'.repeat(depth)}`;
          const bytes = Buffer.from(`{"unique name":${JSON.stringify(node)},"another":${deep}}`);
          expect(scan(bytes)).toMatchObject({ kind: 'refused', reason: 'duplicate_name' });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('splicing', () => {
  it('nothing gives the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(splice(bytes, []).equals(bytes)).toBe(true);
      }),
    );
  });

  it('any values of a document replaces these and no other', () => {
    fc.assert(
      fc.property(document, fc.array(fc.option(text), { minLength: 12, maxLength: 12 }), space, (node, choices, gap) => {
        const bytes = Buffer.from(write(node, gap, false));
        const scanned = scan(bytes);
        must(scanned.kind === 'object', 'accepted');
        const expected: [string, unknown][] = [];
        const edits = scanned.members.flatMap((member, index) => {
          const choice = choices[index];
          expected.push([member.key, choice ?? (JSON.parse(bytes.toString('utf8', member.start, member.end)) as unknown)]);
          return typeof choice === 'string' ? [{ start: member.start, end: member.end, replacement: encodeString(choice) }] : [];
        });
        expectSame(JSON.parse(splice(bytes, edits).toString('utf8')), fromEntries(expected));
      }),
    );
  });
});
