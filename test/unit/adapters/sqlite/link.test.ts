import { describe, expect, it } from 'vitest';
import { openLink } from '../../../../src/adapters/sqlite/link.ts';
import type { Failure } from '../../../../src/adapters/sqlite/conversation.ts';
import type { Answer, Question } from '../../../../src/adapters/sqlite/protocol.ts';
import type { Thread } from '../../../../src/adapters/sqlite/thread.ts';
import { InvariantError } from '../../../../src/core/assert.ts';
import { StoreError } from '../../../../src/ports/key-store.ts';

const done: Answer = { kind: 'done', found: true };

interface FakeThread extends Thread<Question, Answer> {
  end(): void;
}

function fakeThread(answer: () => Promise<Answer | Failure>): FakeThread {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    ask: answer,
    ended: promise,
    stop: () => Promise.resolve(),
    end: () => {
      resolve(undefined);
    },
  };
}

describe('the link to the store thread', () => {
  it('starts a thread that ended again, and not more often than once a second', async () => {
    let nowMs = 0;
    const threads: FakeThread[] = [];
    const link = openLink(
      () => {
        const thread = fakeThread(() => Promise.resolve(done));
        threads.push(thread);
        return thread;
      },
      () => nowMs,
    );
    await link.ask('done', { op: 'open' }, 50);
    await link.ask('done', { op: 'open' }, 50);
    expect(threads).toHaveLength(1);

    threads[0]?.end();
    await threads[0]?.ended;
    nowMs = 999;
    await expect(link.ask('done', { op: 'open' }, 50)).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
    expect(threads).toHaveLength(1);
    nowMs = 1_000;
    await link.ask('done', { op: 'open' }, 50);
    expect(threads).toHaveLength(2);
  });

  it('turns the error of the thread into a StoreError with its cause', async () => {
    const thread = fakeThread(() => Promise.resolve({ kind: 'error', code: 'locked', detail: 'database is locked' }));
    const link = openLink(
      () => thread,
      () => 0,
    );
    const asking = link.ask('record', { op: 'find', id: 'A' }, 50);
    await expect(asking).rejects.toThrow(StoreError);
    await expect(asking).rejects.toMatchObject({ code: 'locked', cause: { message: 'database is locked' } });
  });

  it('never takes an answer of another kind', async () => {
    const link = openLink(
      () => fakeThread(() => Promise.resolve(done)),
      () => 0,
    );
    await expect(link.ask('record', { op: 'find', id: 'A' }, 50)).rejects.toThrow(InvariantError);
  });
});
