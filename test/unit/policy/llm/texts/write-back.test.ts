import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { InvariantError, must } from '../../../../../src/core/assert.ts';
import { answerTexts, requestTexts } from '../../../../../src/policy/llm/texts/body-texts.ts';
import { closeInner, openInner } from '../../../../../src/policy/llm/texts/inner-json.ts';
import type { InnerJson } from '../../../../../src/policy/llm/texts/inner-json.ts';
import { describePlace, textOf } from '../../../../../src/policy/llm/texts/site.ts';
import { writeBack } from '../../../../../src/policy/llm/texts/write-back.ts';

function openedInner(text: string): InnerJson {
  const inner = openInner(text, 'assistant');
  must(inner !== undefined, 'the sample is JSON');
  return inner;
}

describe('writing back', () => {
  const bytes = Buffer.from(String.raw`{ "messages": [ {"role":"user", "content":"caf\u00e9 \/"} ], "user":"b" }`);

  it('gives the same bytes where no text changes, however it is escaped', () => {
    const { sites } = requestTexts('chat', bytes);
    expect(
      writeBack(
        bytes,
        sites.map((site) => ({ site, text: textOf(bytes, site) })),
      ),
    ).toBe(bytes);
    expect(sites.map((site) => textOf(bytes, site))).toEqual(['caf\u00e9 /', 'b']);
  });

  it('changes the literal alone, in whatever order the texts come', () => {
    const replacements = requestTexts('chat', bytes).sites.map((site, index) => ({ site, text: `"${String(index)}"\n` }));
    const expected = String.raw`{ "messages": [ {"role":"user", "content":"\"0\"\n"} ], "user":"\"1\"\n" }`;
    expect(writeBack(bytes, replacements).toString()).toBe(expected);
    expect(writeBack(bytes, replacements.toReversed()).toString()).toBe(expected);
  });

  it('changes names of data, and makes a string of a number', () => {
    const body = Buffer.from('{"messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"a":123456}}]}]}');
    const replacements = requestTexts('messages', body).sites.map((site) => ({ site, text: `<${site.kind}>` }));
    expect(writeBack(body, replacements).toString()).toContain('"input":{"<key>":"<number>"}');
  });

  it.each([
    ['{"choices":[{"logprobs":{"content":[{"token":"a","bytes":[97]}]}}]}', '{"choices":[{"logprobs":null}]}'],
    ['{"choices":[{"logprobs":[{"token":"a"}]}]}', '{"choices":[{"logprobs":[]}]}'],
  ])('empties log probabilities, and does nothing else to them: %s', (body, expected) => {
    const answer = Buffer.from(body);
    const read = answerTexts('chat', answer);
    must(read.kind === 'read', 'the sample is JSON');
    expect(read.sites.map((site) => site.kind)).toEqual(['logprobs']);
    expect(
      writeBack(
        answer,
        read.sites.map((site) => ({ site, text: '' })),
      ).toString(),
    ).toBe(expected);
    expect(
      writeBack(
        answer,
        read.sites.map((site) => ({ site, text: textOf(answer, site) })),
      ),
    ).toBe(answer);
    expect(() =>
      writeBack(
        answer,
        read.sites.map((site) => ({ site, text: 'b' })),
      ),
    ).toThrow(InvariantError);
  });

  it('never edits what is signed', () => {
    const body = Buffer.from('{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"b"}]}]}');
    const { sites } = requestTexts('messages', body);
    expect(sites.map((site) => site.kind)).toEqual(['signed', 'signed']);
    expect(() =>
      writeBack(
        body,
        sites.map((site) => ({ site, text: 'x' })),
      ),
    ).toThrow(InvariantError);
  });
});

describe('JSON in a text', () => {
  it('is read with its names and numbers, and written through both levels of escapes', () => {
    const text = String.raw`{"mail": "a\u0040b.example", "card": [4111111111111111, true], "say \"hi\"": null}`;
    const inner = openedInner(text);
    expect(inner.sites.map((site) => `${describePlace(site.place)} ${site.kind} ${textOf(inner.bytes, site)}`)).toEqual([
      '{0} key mail',
      '{0} text a@b.example',
      '{1} key card',
      '{1}[0] number 4111111111111111',
      '{2} key say "hi"',
    ]);
    const replacements = inner.sites.map((site) => ({
      site,
      text: site.kind === 'text' ? 'quote " and\nline' : textOf(inner.bytes, site),
    }));
    const written = closeInner(inner, replacements);
    expect(written).toBe(String.raw`{"mail": "quote \" and\nline", "card": [4111111111111111, true], "say \"hi\"": null}`);

    const outer = Buffer.from(JSON.stringify({ messages: [{ role: 'assistant', function_call: { name: 'f', arguments: text } }] }));
    const site = requestTexts('chat', outer).sites.find((each) => each.kind === 'json');
    must(site !== undefined, 'the arguments are a site');
    const parsed: unknown = JSON.parse(writeBack(outer, [{ site, text: written }]).toString());
    expect(parsed).toMatchObject({ messages: [{ function_call: { arguments: written } }] });
  });

  it.each([
    ['a string', '"a"', ['a']],
    ['a list', ' ["a", {"b": "c"}] ', ['a', 'b', 'c']],
    ['a number', '4111111111111111', ['4111111111111111']],
    ['nothing much', 'null', []],
  ])('may be any value: %s', (_name, text, expected) => {
    const inner = openedInner(text);
    expect(inner.sites.map((site) => textOf(inner.bytes, site))).toEqual(expected);
    expect(closeInner(inner, [])).toBe(text);
  });

  it.each(['', '{"a":', 'a text', '{"a":1,"a":2}', '"a","b":"c"', '"a"}', '{} {}', '1,"x":"y"', '{"a":"\\ud800"}'])(
    'is a text like any other where it is none: %j',
    (text) => {
      expect(openInner(text, 'assistant')).toBeUndefined();
    },
  );
});
