import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { GuardVerdict } from '../../../src/core/guard.ts';
import { fault } from '../../../src/core/outcome.ts';
import { GuardedStream } from '../../../src/pipeline/guarded-stream.ts';
import { clear, guardedStream, guardOf, type Guarded } from '../../support/guarded.ts';
import { madeStream, STREAMING } from '../../support/made-streams.ts';
import { readStream } from '../../support/read-streams.ts';

const window = 64;
const flagged: GuardVerdict = { kind: 'flagged', labels: ['S1'], score: 0.9 };
const away: GuardVerdict = { kind: 'fault', cause: 'unreachable' };
const tooLarge: GuardVerdict = { kind: 'fault', cause: 'question_too_large' };

const chat = (content: string, index = 0): string => `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`;
const done = 'data: [DONE]\n\n';
const [first, second, third] = ['a'.repeat(window), 'b'.repeat(window), 'c'.repeat(window)] as const;

/** Judges by the words of a question, the first that it has. */
const judging = (...verdicts: readonly (readonly [word: string, verdict: GuardVerdict])[]) => ({
  judge: (_: string, texts: readonly string[]): GuardVerdict =>
    verdicts.find(([word]) => texts.some((text) => text.includes(word)))?.[1] ?? clear,
});
const open = (judge: ReturnType<typeof judging> = judging(), onFault: 'deny' | 'allow' = 'deny'): Guarded =>
  guardedStream({ operation: 'chat', guards: [guardOf({ window }, { onFault })], ...judge });

const errorIn = (written: string): string | undefined => readStream('chat', written).error;

describe('a stream that is judged by windows', () => {
  it('goes out with each window that was cleared, and nothing of it before', async () => {
    const { send, end, asked, findings } = open();
    expect(await send(chat(first.slice(1)))).toBe('');
    expect(await send(chat('a'))).toBe(chat(first.slice(1)) + chat('a'));
    expect(await send(chat('bc'))).toBe('');
    expect(await send(done)).toBe('');
    expect(await end()).toBe(chat('bc') + done);
    expect(asked).toEqual([[first], [`${first}bc`]]);
    expect(findings()).toMatchObject({ verdicts: ['words clear (0.10)'], refusal: undefined });
  });

  it('goes out at once where it says nothing that was not judged', async () => {
    const { send, end, asked } = open();
    const head = `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n`;
    expect(await send(head)).toBe(head);
    expect(await send('event: ping\n\n')).toBe('event: ping\n\n');
    await send(chat(first));
    expect(await send(done)).toBe(done);
    expect(await end()).toBe('');
    expect(asked).toHaveLength(1);
  });

  it('that brings many windows at once is asked about once', async () => {
    const { send, asked } = open();
    const events = Array.from({ length: 3_000 }, (_, index) => chat(`word ${String(index)} `, index % 2)).join('');
    expect(await send(events)).toBe(events);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toHaveLength(2);
  });

  it('may be longer than what is held of it may be', async () => {
    const { send, end } = guardedStream({ operation: 'chat', guards: [guardOf({ window })], bodyBytesMax: 2_000 });
    for (let index = 0; index < 50; index += 1) {
      expect(await send(chat(first))).toBe(chat(first));
    }
    expect(await end()).toBe('');
  });

  it('that says nothing is asked about once, at its end', async () => {
    const { send, end, asked, findings } = open();
    expect(await send(done)).toBe(done);
    expect(await end()).toBe('');
    expect(asked).toEqual([[]]);
    expect(findings().verdicts).toEqual(['words clear (0.10)']);
  });

  it('is asked about in every text: choices, calls and what comes whole', async () => {
    const call = { tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'get_weather', arguments: '{"at":' } }] };
    const { send, end, asked } = open();
    await send(chat('one') + chat('two', 1) + `data: ${JSON.stringify({ choices: [{ index: 0, delta: call }] })}\n\n`);
    await end();
    expect(asked).toEqual([['one', 'two', '{"at":', 'get_weather']]);
  });

  it('is logged by the worst verdict of each guard', async () => {
    let scores = [0.2, 0.7, 0.3];
    const guards = [guardOf({ window }), guardOf({ window }, { name: 'other', onFault: 'allow' })];
    const judge = (guard: string, texts: readonly string[]): GuardVerdict => {
      if (guard === 'other') {
        return texts.some((text) => text.includes('b')) ? away : clear;
      }
      const [score] = scores;
      scores = scores.slice(1);
      return { kind: 'clear', score };
    };
    const { send, end, findings } = guardedStream({ operation: 'chat', guards, judge });
    expect(await send(chat(first))).not.toBe('');
    expect(await send(chat(second))).not.toBe('');
    expect(await send(chat(third))).not.toBe('');
    await end();
    expect(findings().verdicts).toEqual(['words clear (0.70)', 'other fault unreachable']);
  });

  it('holds for the largest of several windows, and until the end where one guard needs the whole', async () => {
    const larger = guardedStream({ operation: 'chat', guards: [guardOf({ window }), guardOf({ window: 100 }, { name: 'other' })] });
    expect(await larger.send(chat(first))).toBe('');
    expect(await larger.send(chat(second))).toBe(chat(first) + chat(second));
    const whole = guardedStream({ operation: 'chat', guards: [guardOf({ window }), guardOf('buffer', { name: 'other' })] });
    expect(await whole.send(done + chat(first))).toBe('');
    expect(await whole.send(chat(second))).toBe('');
    expect(whole.asked).toEqual([]);
    expect(await whole.end()).toBe(done + chat(first) + chat(second));
    expect(whole.asked).toEqual([[first + second]]);
  });
});

describe('of a stream that is judged by windows nothing passes', () => {
  it('of the window that is flagged, or behind it; what was clear before has gone out', async () => {
    const { send, end, asked, findings } = open(judging(['b', flagged]));
    expect(await send(chat(first))).toBe(chat(first));
    const last = await send(chat('unseen') + chat(second));
    expect(errorIn(last)).toMatch(/guard/);
    expect(last).not.toMatch(/unseen|bb/);
    expect(await send(chat(third))).toBe('');
    expect(await end()).toBe('');
    expect(asked).toHaveLength(2);
    expect(findings()).toMatchObject({
      verdicts: [],
      refusal: { kind: 'deny', denial: { code: 'guard_flagged', detail: 'response: words flagged S1 (0.90)' } },
    });
  });

  it('of one that is flagged at its very end', async () => {
    const { send, end } = open(judging(['bomb', flagged]));
    await send(chat(first));
    expect(await send(chat('a bomb') + done)).toBe('');
    const last = await end();
    expect(errorIn(last)).toMatch(/guard/);
    expect(last).not.toMatch(/bomb|DONE/);
  });

  it('of a last event that came without its blank line', async () => {
    const { send, end, asked } = open(judging(['bomb', flagged]));
    await send(chat(first));
    expect(await send(chat('a bomb').trimEnd())).toBe('');
    const last = await end();
    expect(errorIn(last)).toMatch(/guard/);
    expect(last).not.toContain('bomb');
    expect(asked).toHaveLength(2);
  });

  it('behind what masking ends it for, which is told as soon as what came before is clear', async () => {
    const hidden = { email: 'block' } as const;
    const { send, end, asked, findings } = guardedStream({ operation: 'chat', guards: [guardOf({ window })], hidden });
    expect(await send(chat('written by '))).toBe('');
    const last = await send(`${chat('bob@example.com, and')}${chat(' more')}data: {"choi`);
    const { error, deltas } = readStream('chat', last);
    expect(error).toMatch(/may not be passed on/);
    expect(deltas.get('text 0')).toBe('written by ');
    expect(await send(`ces":[]}\n\n${chat(second)}`)).toBe('');
    expect(await end()).toBe('');
    expect(asked).toEqual([['written by bob@example.com, and more']]);
    expect(findings()).toMatchObject({ verdicts: ['words clear (0.10)'], refusal: { denial: { code: 'answer_blocked' } } });
  });

  it('that lies across the border of two windows unseen', async () => {
    const { send } = open(judging(['bomb', flagged]));
    expect(await send(chat(`${'a'.repeat(window - 2)}bo`))).not.toBe('');
    const last = await send(chat(`mb${second}`));
    expect(errorIn(last)).toMatch(/guard/);
    expect(last).not.toContain('mb');
  });

  it('where a guard is away and may not be', async () => {
    const { send, end, findings } = open(judging(['b', away]));
    expect(await send(chat(first))).toBe(chat(first));
    const last = await send(chat(second));
    expect(errorIn(last)).toMatch(/could not check the answer/);
    expect(last).not.toContain('bb');
    expect(await send(chat(third))).toBe('');
    expect(await end()).toBe('');
    expect(findings().refusal).toMatchObject({ kind: 'fault', fault: { cause: 'guard', detail: 'words fault unreachable' } });
  });

  it('where it is away and may be, if the texts may be why', async () => {
    const { send } = open(judging(['b', tooLarge], ['a', away]), 'allow');
    expect(await send(chat('a'.repeat(window)))).toBe(chat(first));
    expect(errorIn(await send(chat(second)))).toMatch(/could not check the answer/);
  });

  it('of an event that could not be read, nor of what waited for its window', async () => {
    const { send, end, asked, findings } = open();
    await send(chat(first));
    expect(await send(chat('waiting'))).toBe('');
    const last = await send('data: {"choices":[{"index":0,"delta":{"content":"x"\n\n');
    expect(errorIn(last)).toMatch(/could not be checked/);
    expect(last).not.toContain('waiting');
    expect(await end()).toBe('');
    expect(asked).toHaveLength(1);
    expect(findings().refusal).toMatchObject({ denial: { code: 'answer_unreadable' } });
  });

  it('where it waits for longer than a body may be: held, or kept for later questions', async () => {
    const held = guardedStream({ operation: 'chat', guards: [guardOf({ window })], bodyBytesMax: 2_000 });
    await held.send(chat('x'));
    const wide = `data: {"choices":[]${' '.repeat(990)}}\n\n`;
    expect(await held.send(wide)).toBe('');
    expect(await held.send(wide)).toMatch(/edge\.bodyMax/);
    expect(await held.end()).toBe('');
    const kept = guardedStream({ operation: 'chat', guards: [guardOf({ window })], bodyBytesMax: 20_000 });
    let written = '';
    for (let index = 0; index < 100; index += 1) {
      written += await kept.send(chat(first, index));
    }
    expect(errorIn(written)).toMatch(/edge\.bodyMax/);
    expect(kept.findings().refusal).toMatchObject({ denial: { code: 'answer_unreadable' } });
  });

  it('behind a refusal that lies outside of it', async () => {
    for (const guards of [[guardOf({ window })], []]) {
      const { stream, send, end, findings, asked } = guardedStream({ operation: 'chat', guards });
      await send(chat('held or not'));
      const refusal = fault('answer', 'deadline', 'took 5000 ms');
      expect(errorIn(stream.refuse(refusal).toString())).toMatch(/could not check the answer/);
      expect(await send(chat(first))).toBe('');
      expect(await end()).toBe('');
      expect(findings().refusal).toBe(refusal);
      expect(asked).toEqual([]);
    }
  });

  it('of a stream whose client or provider leaves in the middle of a window', async () => {
    const { send, asked, findings } = open();
    await send(chat(first));
    expect(await send(chat('half of a window'))).toBe('');
    expect(asked).toEqual([[first]]);
    expect(findings().verdicts).toEqual(['words clear (0.10)']);
  });
});

describe('a guarded stream', () => {
  it('passes nothing of an event that it could not read, whatever was made of it', async () => {
    const ports = { settings: () => ({ stageMsMax: 1_000, bodyBytesMax: 10_000 }), guards: { judge: () => Promise.resolve([]) } };
    const stream = new GuardedStream(ports, [guardOf({ window })], { operation: 'chat', prompt: undefined });
    stream.read(Buffer.from('data: no JSON\n\n'));
    const passed = await stream.pass({ bytes: Buffer.from(chat('made of it')), number: 0, isLast: false });
    expect(errorIn(passed.toString())).toMatch(/could not be checked/);
    expect(passed.toString()).not.toContain('made');
  });
});

describe.each(STREAMING)('a refused stream of %s', (operation) => {
  it('ends with the error of its API, numbered behind what has gone out', async () => {
    const said = `${'fine words '.repeat(20)}and a bomb in the middle ${'of more words '.repeat(20)}`;
    const events = madeStream(operation, { texts: [said, 'x'], calls: ['{}', '{}'] }, [10]);
    const { send, end } = guardedStream({ operation, guards: [guardOf({ window })], ...judging(['bomb', flagged]) });
    let written = '';
    for (const event of events) {
      written += await send(event);
    }
    written += await end();
    const read = readStream(operation, written);
    expect(read.error).toMatch(/guard/);
    expect(said.startsWith(read.deltas.get('text 0') ?? '-')).toBe(true);
    expect(read.deltas.get('text 0')?.length).toBeGreaterThan(100);
    expect(written).not.toContain('bomb');
    const numbers = [...written.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => index + (numbers[0] ?? 0)));
  });
});
