import { describe, expect, it } from 'vitest';
import { openBatches, type Ask } from '../../../../src/adapters/redis/batch.ts';

interface Item {
  readonly id: string;
}

const item = (id: string | number): Item => ({ id: String(id) });

describe('questions of one turn', () => {
  it('go together, and each gets its own answer', async () => {
    const sent: string[][] = [];
    const ask = openBatches().open<Item, string>((items) => {
      sent.push(items.map(({ id }) => id));
      return Promise.resolve(items.map(({ id }) => `to ${id}`));
    });
    expect(await Promise.all([ask(item('a'), 5), ask(item('b'), 5), ask(item('c'), 5)])).toEqual(['to a', 'to b', 'to c']);
    expect(await ask(item('d'), 5)).toBe('to d');
    expect(sent).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('go in several where they are many, ask about the same id twice, or may not wait as long', async () => {
    const sent: (readonly [string, number])[] = [];
    const ask = openBatches().open<Item, number>((items, waitMs) => {
      sent.push([items.map(({ id }) => id).join(), waitMs]);
      return Promise.resolve(items.map(() => 1));
    });
    await Promise.all([ask(item('a'), 5), ask(item('b'), 5), ask(item('a'), 5), ask(item('c'), 5), ask(item('d'), 3)]);
    expect(sent).toEqual([
      ['a,b', 5],
      ['a,c', 5],
      ['d', 3],
    ]);
    await Promise.all(Array.from({ length: 40 }, (_, number) => ask(item(number), 5)));
    expect(sent.slice(3).map(([ids]) => ids.split(',').length)).toEqual([16, 16, 8]);
  });

  it('share an error, which is nobody else’s', async () => {
    const ask = openBatches().open<Item, number>((items) =>
      items.some(({ id }) => id === 'bad') ? Promise.reject(new Error('broken')) : Promise.resolve(items.map(() => 1)),
    );
    const together = await Promise.allSettled([ask(item('a'), 5), ask(item('bad'), 5)]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await ask(item('b'), 5)).toBe(1);
  });

  it('are not granted by an answer that lacks them', async () => {
    const ask = openBatches().open<Item, number>(() => Promise.resolve([1]));
    const [first, second] = await Promise.allSettled([ask(item('a'), 5), ask(item('b'), 5)]);
    expect(first).toEqual({ status: 'fulfilled', value: 1 });
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', code: 'bad_reply' } });
  });

  it('go with those that nobody waits for, and after them', async () => {
    const sent: string[] = [];
    const batches = openBatches();
    const kind = (name: string, isHurried: boolean): Ask<Item, string> =>
      batches.open(
        (items) => {
          sent.push(`${name} ${items.map(({ id }) => id).join()}`);
          return Promise.resolve(items.map(() => name));
        },
        { isHurried },
      );
    const end = kind('end', false);
    const begin = kind('begin', true);
    const answers = Promise.all([begin(item('a'), 5), end(item('b'), 9), begin(item('c'), 5), end(item('d'), 9)]);
    expect(await answers).toEqual(['begin', 'end', 'begin', 'end']);
    expect(sent).toEqual(['end b,d', 'begin a,c']);
  });
});
