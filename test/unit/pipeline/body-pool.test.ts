import { afterAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/core/operation.ts';
import { must } from '../../../src/core/assert.ts';
import { openBodyPool } from '../../../src/pipeline/body-pool.ts';
import { openBodyWorkers } from '../../../src/pipeline/body-workers.ts';

const CHAT = ENDPOINTS.find((endpoint) => endpoint.operation === 'chat');
must(CHAT !== undefined, 'there is a chat endpoint');

const body = (content: string): Buffer => Buffer.from(JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }] }));
const LARGE = body('x'.repeat(100_000));

describe('bodies judged in other threads', () => {
  const threads = openBodyPool(1);
  const pool = openBodyWorkers(threads);
  afterAll(() => threads.close());

  it('get the outcome that they get inline', async () => {
    const [small, large] = [await pool.judgeBody(CHAT, body('hello')), await pool.judgeBody(CHAT, LARGE)];
    expect(small).toMatchObject({ kind: 'next', found: { model: 'gpt-4o', modelStart: 9 } });
    expect(large).toMatchObject({ kind: 'next', found: { model: 'gpt-4o', modelStart: 9 } });
  });

  it('leave the bytes that go upstream as they were', async () => {
    const bytes = Buffer.from(LARGE);
    await pool.judgeBody(CHAT, bytes);
    expect(bytes.equals(LARGE)).toBe(true);
  });

  it('are refused when they are refused inline', async () => {
    const bytes = Buffer.concat([LARGE, Buffer.from('{}')]);
    expect(await pool.judgeBody(CHAT, bytes)).toMatchObject({ kind: 'deny', denial: { code: 'body_invalid' } });
  });

  it('are a fault beyond the queue, and the queue empties again', async () => {
    const outcomes = await Promise.all(Array.from({ length: 80 }, async () => pool.judgeBody(CHAT, LARGE)));
    expect(outcomes.filter((outcome) => outcome.kind === 'next')).toHaveLength(64);
    expect(outcomes.filter((outcome) => outcome.kind === 'fault' && outcome.fault.cause === 'overload')).toHaveLength(16);
    expect(await pool.judgeBody(CHAT, LARGE)).toMatchObject({ kind: 'next' });
  });

  it('are a fault when the thread goes away', async () => {
    const other = openBodyPool(1);
    const judged = openBodyWorkers(other).judgeBody(CHAT, LARGE);
    await other.close();
    expect(await judged).toMatchObject({ kind: 'fault', fault: { cause: 'internal' } });
  });
});
