import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { requestTexts } from '../../../../../src/policy/llm/texts/body-texts.ts';

const bodyBytes = 100_000;
// A table is asked for the type of an object before it is read, hence a byte is read again for each of the few levels that have types.
const readsOfOneByteMax = 12;

const many = (element: string, bytes: number): string =>
  Array.from({ length: Math.floor(bytes / (element.length + 1)) }, () => element).join(',');
const call = (input: string): string =>
  `{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":${input}}]}]}`;
const blocks = (bytes: number): string => `"content":[${many('{"text":"a","type":"text"}', bytes)}]`;

const BODIES: readonly (readonly [string, BodyOperation, (bytes: number) => string])[] = [
  ['short messages', 'chat', (bytes) => `{"messages":[${many('{"role":"user","content":"a"}', bytes)}]}`],
  [
    'types behind all they are about',
    'messages',
    (bytes) =>
      `{"messages":[{"content":[{"content":[{"source":{${blocks(bytes)},"type":"content"},"type":"document"}],"type":"tool_result"}],"role":"user"}]}`,
  ],
  ['short strings of data', 'messages', (bytes) => call(`[${many('"a"', bytes)}]`)],
  ['numbers of data', 'messages', (bytes) => call(`[${many('12345', bytes)}]`)],
  ['deep data', 'messages', (bytes) => call(`[${many(`${'['.repeat(50)}${']'.repeat(50)}`, bytes)}]`)],
  ['unknown members', 'chat', (bytes) => `{"dream":[${many('{"a":"b"}', bytes)}]}`],
];

/** How often the bytes are read to find the texts: the same on any machine. */
function countReads(operation: BodyOperation, body: string): number {
  let reads = 0;
  const bytes = new Proxy(Buffer.from(body), {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'number' && key !== 'length') {
        reads += 1;
      }
      const bound: unknown = typeof value === 'function' ? value.bind(target) : value;
      return bound;
    },
  });
  requestTexts(operation, bytes);
  return reads;
}

describe('the texts of a large body', () => {
  it.each(BODIES)('are found in linear time: %s', (_name, operation, body) => {
    const large = body(bodyBytes);
    const reads = countReads(operation, large);
    expect(reads).toBeGreaterThan(0);
    expect(reads / large.length).toBeLessThan(readsOfOneByteMax);
  });
});
