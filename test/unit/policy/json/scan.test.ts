import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SCAN_LIMITS, EVENT_SCAN_LIMITS, SCAN_REFUSALS, describeRefusal } from '../../../../src/policy/json/document.ts';
import type { ScanRefusal } from '../../../../src/policy/json/document.ts';
import { scanDocument } from '../../../../src/policy/json/scan.ts';

const scan = (bytes: Buffer | string) => scanDocument(Buffer.from(bytes), DEFAULT_SCAN_LIMITS);
const hex = (text: string, ...bytes: number[]): Buffer =>
  Buffer.concat([Buffer.from(`{"a":"${text}`), Buffer.from(bytes), Buffer.from('"}')]);
const nested = (depth: number, open: string, close: string): string => `{"a":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}}`;

const REFUSED: readonly (readonly [ScanRefusal, number, string, Buffer | string])[] = [
  ['empty', 0, 'nothing', ''],
  ['empty', 4, 'white space alone', ' \n\t\r'],
  ['bom', 0, 'a byte order mark', '\u{feff}{}'],
  ['utf8', 0, 'UTF-16', Buffer.from('\u{feff}{}', 'utf16le')],
  ['utf8', 6, 'an overlong slash', hex('', 0xc0, 0xaf)],
  ['utf8', 7, 'an overlong NUL of three bytes', hex('x', 0xe0, 0x80, 0x80)],
  ['utf8', 6, 'an encoded surrogate', hex('', 0xed, 0xa0, 0x80)],
  ['utf8', 6, 'a surrogate pair encoded as two (CESU-8)', hex('', 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
  ['utf8', 8, 'a character cut off by the quote', hex('é', 0xe2, 0x82)],
  ['utf8', 7, 'a character cut off by the end', Buffer.concat([Buffer.from('{"a":"x'), Buffer.from([0xf0, 0x9f, 0x98])])],
  ['utf8', 6, 'above U+10FFFF', hex('', 0xf4, 0x90, 0x80, 0x80)],
  ['utf8', 6, 'a bare continuation', hex('', 0x80)],
  ['utf8', 6, 'a byte that no character has', hex('', 0xff)],
  ['not_object', 0, 'an array', '[{"model":"a"}]'],
  ['not_object', 0, 'a string', '"{}"'],
  ['not_object', 1, 'null', ' null'],
  ['not_object', 0, 'a number', '1'],
  ['syntax', 1, 'single quotes', "{'a':1}"],
  ['syntax', 1, 'a bare name', '{a:1}'],
  ['syntax', 7, 'a comma before the end of an object', '{"a":1,}'],
  ['syntax', 8, 'a comma before the end of an array', '{"a":[1,]}'],
  ['syntax', 6, 'a comma at the start of an array', '{"a":[,1]}'],
  ['syntax', 7, 'no comma', '{"a":1 "b":2}'],
  ['syntax', 5, 'no colon', '{"a" 1}'],
  ['syntax', 5, 'no value', '{"a":}'],
  ['syntax', 5, 'NaN', '{"a":NaN}'],
  ['syntax', 5, 'Infinity', '{"a":Infinity}'],
  ['syntax', 5, 'True', '{"a":True}'],
  ['syntax', 8, 'a misspelt literal', '{"a":tru1}'],
  ['syntax', 9, 'a literal with a tail', '{"a":nulll}'],
  ['syntax', 6, 'a bracket of the other kind', '{"a":[}'],
  ['syntax', 1, 'a comment', '{/**/"a":1}'],
  ['syntax', 1, 'a form feed as space', '{\f"a":1}'],
  ['syntax', 1, 'a no-break space as space', '{\u{a0}"a":1}'],
  ['syntax', 1, 'a NUL between tokens', '{\0"a":1}'],
  ['truncated', 1, 'an open brace', '{'],
  ['truncated', 6, 'a number and no more', '{"a":1'],
  ['truncated', 6, 'an open string', '{"a":"'],
  ['truncated', 6, 'half an escape', '{"a":"\\'],
  ['truncated', 7, 'half a literal', '{"a":tr'],
  ['truncated', 6, 'a minus', '{"a":-'],
  ['truncated', 7, 'an open array', '{"a":[1'],
  ['control_character', 6, 'a raw line feed', '{"a":"\n"}'],
  ['control_character', 6, 'a raw NUL', '{"a":"\0"}'],
  ['control_character', 2, 'a raw tab in a name', '{"\ta":1}'],
  ['escape', 6, 'an unknown escape', '{"a":"\\x41"}'],
  ['escape', 6, 'an upper-case U', '{"a":"\\U0041"}'],
  ['escape', 6, 'a \\u with three digits', '{"a":"\\u004"}'],
  ['escape', 6, 'a \\u with a sign', '{"a":"\\u+041"}'],
  ['lone_surrogate', 6, 'a high surrogate alone', '{"a":"\\ud83d"}'],
  ['lone_surrogate', 6, 'a low surrogate alone', '{"a":"\\ude00"}'],
  ['lone_surrogate', 6, 'a pair the wrong way round', '{"a":"\\ude00\\ud83d"}'],
  ['lone_surrogate', 6, 'two high surrogates', '{"a":"\\ud83d\\ud83d"}'],
  ['lone_surrogate', 6, 'a high surrogate before another escape', '{"a":"\\ud83d\\n"}'],
  ['lone_surrogate', 2, 'a lone surrogate in a name', '{"\\ud800":1}'],
  ['nul_in_name', 1, 'an escaped NUL in a name', '{"model\\u0000":1}'],
  ['name_too_long', 1, 'a name of 513 bytes', `{"${'n'.repeat(513)}":1}`],
  ['duplicate_name', 11, 'the same name twice', '{"model":1,"model":2}'],
  ['duplicate_name', 11, 'the same name, escaped', '{"model":1,"m\\u006fdel":2}'],
  ['duplicate_name', 16, 'the same name, escaped first', '{"m\\u006fdel":1,"model":2}'],
  ['duplicate_name', 12, 'the same name in a nested object', '{"a":[{"":1,"":2}]}'],
  ['duplicate_name', 16, '__proto__ twice', '{"__proto__":{},"__proto__":{}}'],
  ['too_deep', 68, '65 levels of arrays', nested(65, '[', ']')],
  ['too_deep', 320, '10,000 levels of objects', nested(10_000, '{"a":', '}')],
  ['number', 6, 'a minus alone', '{"a":-}'],
  ['number', 7, 'no digit behind the point', '{"a":1.}'],
  ['number', 7, 'no digit in the exponent', '{"a":1e}'],
  ['number', 8, 'no digit behind the sign', '{"a":1e+}'],
  ['syntax', 5, 'a leading plus', '{"a":+1}'],
  ['syntax', 5, 'a leading point', '{"a":.5}'],
  ['syntax', 6, 'a leading zero', '{"a":01}'],
  ['syntax', 6, 'a hexadecimal number', '{"a":0x1}'],
  ['syntax', 6, 'a digit separator', '{"a":1_000}'],
  ['number_not_finite', 5, '1e400', '{"a":1e400}'],
  ['number_not_finite', 5, '-1E+400', '{"a":-1E+400}'],
  ['number_not_finite', 5, '400 digits', `{"a":${'9'.repeat(400)}}`],
  ['trailing_data', 2, 'a second document', '{}{}'],
  ['trailing_data', 7, 'a word', '{"a":1}x'],
  ['trailing_data', 8, 'a NUL', '{"a":1} \0'],
  ['trailing_data', 2, 'a comma', '{},'],
];

describe('scanDocument refuses', () => {
  it.each(REFUSED)('%s at %i: %s', (reason, at, _what, bytes) => {
    expect(scan(bytes)).toEqual({ kind: 'refused', reason, at });
  });
});

const ACCEPTED: readonly (readonly [string, string])[] = [
  ['an empty object', '{}'],
  ['every kind of space', ' \t\r\n{ \t\r\n"a" \t\r\n: \t\r\n1 \t\r\n, "b" : [ ] , "c" : { } } \n'],
  ['64 levels', nested(64, '[', ']')],
  ['64 levels of objects', nested(64, '{"a":', '}')],
  ['every escape', '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\uDE00"}'],
  ['an escaped NUL in a value, as tool output has it', '{"a":"\\u0000"}'],
  ['every length of character', '{"a":"\u{7f}é漢😀\u{10ffff}\u{fffd}\u{feff}"}'],
  ['integers above 2^53, as int64 schemas have them', '{"a":[9007199254740993,-9223372036854775808,18446744073709551615]}'],
  ['every form of number', '{"a":[0,-0,1,-1,10,0.5,-0.5,1e5,1E5,1e+5,1e-5,1.5e10,1e308,5e-324,1e-400]}'],
  ['a long fraction', `{"a":0.${'1'.repeat(400)}}`],
  ['__proto__ and its kin as names', '{"__proto__":1,"constructor":2,"toString":3,"":4}'],
  ['the same name at different depths and in siblings', '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}'],
  ['names that differ in form but not in look', '{"\u{e9}":1,"e\u{301}":2}'],
  ['a name of 512 bytes', `{"${'n'.repeat(512)}":1}`],
  ['literals', '{"a":[true,false,null]}'],
];

function keysOf(text: string): readonly string[] {
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? Object.keys(parsed) : [];
}

describe('scanDocument accepts', () => {
  it.each(ACCEPTED)('%s', (_what, text) => {
    const found = scan(text);
    expect(found.kind === 'object' && found.members.map((member) => member.key)).toEqual(keysOf(text));
  });
});

describe('scanDocument', () => {
  it.each(['{"a":"\\ud83d"}', '{"a":"\\ude00 \\ud83d\\ud83d"}', '{"a":["\\ud83d\\ud83d\\ude00"]}'])(
    'reads halves of pairs in an event: %s',
    (event) => {
      const found = scanDocument(Buffer.from(event), EVENT_SCAN_LIMITS);
      expect(found.kind === 'object' && found.members.map(({ key }) => key)).toEqual(['a']);
    },
  );

  it.each(['{"a":"\\ud83d","\\ud83d":1}', '{"a":"\\ud83d","a\\ude00b":1}'])('refuses half of a pair in a name of an event: %s', (event) => {
    expect(scanDocument(Buffer.from(event), EVENT_SCAN_LIMITS)).toMatchObject({ kind: 'refused', reason: 'lone_surrogate' });
    expect(scan(event)).toMatchObject({ reason: 'lone_surrogate', at: 6 });
  });

  it('says where each member lies and what it is', () => {
    const text = '{"a": "x", "b\\n" :[1, {}] ,"c":{"d":null},"e":-1.5e3,"f":true,"g":false,"h":null}';
    const found = scan(text);
    expect(
      found.kind === 'object' &&
        found.members.map((member) => [member.key, text[member.keyStart], text.slice(member.start, member.end), member.type]),
    ).toEqual([
      ['a', '"', '"x"', 'string'],
      ['b\n', '"', '[1, {}]', 'array'],
      ['c', '"', '{"d":null}', 'object'],
      ['e', '"', '-1.5e3', 'number'],
      ['f', '"', 'true', 'true'],
      ['g', '"', 'false', 'false'],
      ['h', '"', 'null', 'null'],
    ]);
  });

  it('finds a duplicate among many names, escaped or not', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `"name${String(index)}":${String(index)}`);
    const all = names.join(',');
    expect(scan(`{"a":{${all}}}`).kind).toBe('object');
    expect(scan(`{"a":{${all},"name0":1}}`)).toMatchObject({ reason: 'duplicate_name' });
    expect(scan(`{"a":{${all},"\\u006eame999":1}}`)).toMatchObject({ reason: 'duplicate_name' });
  });

  it('counts values at every depth against the limit', () => {
    const limits = { ...DEFAULT_SCAN_LIMITS, valuesMax: 5 };
    const five = Buffer.from('{"a":[1,[2,3]]}');
    const six = Buffer.from('{"a":[1,[2,3]],"b":1}');
    expect(scanDocument(five, limits).kind).toBe('object');
    expect(scanDocument(six, limits)).toMatchObject({ reason: 'too_many_values', at: 19 });
  });

  it('counts names at every depth against their own limit', () => {
    const limits = { ...DEFAULT_SCAN_LIMITS, namesMax: 3 };
    const three = Buffer.from('{"a":[{"a":1},{"a":[1,2,3]}]}');
    const four = Buffer.from('{"a":[{"a":1},{"a":2}],"b":1}');
    expect(scanDocument(three, limits).kind).toBe('object');
    expect(scanDocument(four, limits)).toMatchObject({ reason: 'too_many_names', at: 23 });
  });

  it('reads a view into a larger buffer, and a plain Uint8Array, alike', () => {
    const whole = Buffer.from('xx{"a":1}xx');
    const plain = new Uint8Array(whole.buffer, whole.byteOffset + 2, 7);
    const expected = { kind: 'object', members: [{ key: 'a', keyStart: 1, start: 5, end: 6, type: 'number' }] };
    expect(scan(whole.subarray(2, 9))).toEqual(expected);
    expect(scanDocument(plain, DEFAULT_SCAN_LIMITS)).toEqual(expected);
  });

  it('gives plain data, so that it can cross to another thread', () => {
    const found = scan('{"a":1}');
    expect(structuredClone(found)).toEqual(found);
  });

  it.each(['[', '{"a":', '"', '\\', '1', '-', '\u{ffff}'])('ends at once for a million times %j', (unit) => {
    expect(scan(`{"a":${unit.repeat(1_000_000)}`).kind).toBe('refused');
  });
});

describe('describeRefusal', () => {
  it('names a reason and a position for every refusal, and nothing of the document', () => {
    const reasons = new Set(REFUSED.map(([reason]) => reason));
    expect([...reasons, 'too_many_values', 'too_many_names'].toSorted()).toEqual(Object.keys(SCAN_REFUSALS).toSorted());
    expect(describeRefusal({ kind: 'refused', reason: 'duplicate_name', at: 41 })).toBe('duplicate member name at byte 41');
  });
});
