import { afterEach, describe, expect, it } from 'vitest';
import { openTokenCounter, type OpenTokenCounter } from '../../../../src/adapters/tokenizer/token-counter.ts';

const patientMs = 30_000;
const body = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'hello world, how are you today?' }] }));

describe('a counter of tokens', () => {
  const opened: OpenTokenCounter[] = [];
  const open = (countMsMax = patientMs): OpenTokenCounter => {
    const counter = openTokenCounter({ countMsMax });
    opened.push(counter);
    return counter;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((counter) => counter.close()));
  });

  it('counts by each vocabulary, beside the event loop, and leaves the body as it is', async () => {
    const counter = open();
    await counter.prepare(['o200k_base', 'cl100k_base']);
    const counts = await Promise.all([counter.count('o200k_base', body), counter.count('cl100k_base', body)]);
    for (const count of counts) {
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(body.length);
    }
    expect(body.toString()).toContain('hello world');
  });

  it('gives no figure for a body that is too large, or that would come too late', async () => {
    const counter = open(1);
    expect(await counter.count('o200k_base', Buffer.alloc(262_145))).toBeUndefined();
    // The vocabulary alone takes longer to load.
    expect(await counter.count('o200k_base', body)).toBeUndefined();
  });

  it('gives no figure where too many wait, and goes on when they are done', async () => {
    const counter = open();
    const counts = await Promise.all(Array.from({ length: 20 }, () => counter.count('o200k_base', body)));
    expect(counts.filter((count) => count === undefined)).toHaveLength(4);
    expect(await counter.count('o200k_base', body)).toBe(counts[0]);
  });

  it('whose thread ends gives no figure, and starts another', async () => {
    const counter = open();
    const lost = counter.count('o200k_base', body);
    await counter.close();
    expect(await lost).toBeUndefined();
    expect(await counter.count('o200k_base', body)).toBeGreaterThan(10);
  });
});
