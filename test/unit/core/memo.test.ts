import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { openMemo } from '../../../src/core/memo.ts';

const make = (key: string): { readonly of: string } => ({ of: key });

describe('a memo', () => {
  it('makes what it is asked for once', () => {
    const memo = openMemo<{ readonly of: string }>(2);
    const made = memo.get('a', make);
    expect(made).toEqual({ of: 'a' });
    expect(memo.get('a', () => ({ of: 'another' }))).toBe(made);
  });

  it('tells every text from every other, lone surrogates included', () => {
    const memo = openMemo<{ readonly of: string }>(10);
    const texts = ['', 'a\ud800', 'a\ufffd', 'a\udc00', 'ä', '😀'];
    const made = texts.map((text) => memo.get(text, make));
    expect(made.map(({ of }) => of)).toEqual(texts);
    expect(texts.map((text) => memo.get(text, () => ({ of: 'made again' })))).toEqual(made);
  });

  it('does not keep the long texts that its keys were cut from', () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    if (typeof collect !== 'function') {
      throw new Error('V8 gives no gc');
    }
    const memo = openMemo<{ readonly of: number }>(1_000);
    Reflect.apply(collect, undefined, []);
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 500; index += 1) {
      const header = Buffer.alloc(100_000, 'x').toString('latin1') + `address-${String(index).padStart(20, '0')}`;
      memo.get(header.slice(100_000), () => ({ of: index }));
    }
    Reflect.apply(collect, undefined, []);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  });

  it('never holds more than its limit, and starts anew', () => {
    const memo = openMemo<{ readonly of: string }>(2);
    const [a, b] = [memo.get('a', make), memo.get('b', make)];
    expect(memo.get('b', make)).toBe(b);
    memo.get('c', make);
    expect(memo.get('a', make)).not.toBe(a);
    expect(memo.get('a', make)).toEqual(a);
  });
});
