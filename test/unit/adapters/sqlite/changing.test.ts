import { describe, expect, it } from 'vitest';
import { openChanging, type Changing } from '../../../../src/adapters/sqlite/changing.ts';

const names = ['a', 'b', 'c'];

function open(tables: ReadonlyMap<string, number>, read: string[] = []): Changing<number> {
  return openChanging<number>({
    read: (name) => {
      read.push(name);
      return tables.get(name);
    },
    isKept: (value) => value !== 0,
  });
}

const touched = (values: Changing<number>): readonly unknown[] => {
  const all: unknown[] = [];
  values.eachTouched((name, value, before) => all.push({ name, value, before }));
  return all;
};

describe('what has changed since the tables were written', () => {
  it('is read before what is in the tables, and each of those only once', () => {
    const read: string[] = [];
    const values = open(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      read,
    );
    values.begin(1);
    values.put('b', 20);
    expect([...names, ...names].map((name) => values.get(name))).toEqual([1, 20, undefined, 1, 20, undefined]);
    expect(read).toEqual(['a', 'c']);
    expect(touched(values)).toEqual([{ name: 'b', value: 20, before: undefined }]);
  });

  it('is undone back to what was accepted, and otherwise to what was there before', () => {
    const values = open(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    values.begin(1);
    values.put('b', 3);
    values.begin(2);
    values.get('a');
    values.put('a', 10);
    values.accept();
    for (const [name, value] of [
      ['a', 11],
      ['a', 12],
      ['b', 20],
      ['c', 30],
    ] as const) {
      values.put(name, value);
    }
    values.discard();
    expect(names.map((name) => values.get(name))).toEqual([10, 3, undefined]);
    expect(touched(values)).toEqual([{ name: 'a', value: 10, before: 1 }]);
    values.put('b', 21);
    values.accept();
    values.discard();
    expect(touched(values)).toEqual([
      { name: 'a', value: 10, before: 1 },
      { name: 'b', value: 21, before: 3 },
    ]);
  });

  it('is what the tables have once they are written, and what came later still is not', () => {
    const tables = new Map<string, number>();
    const values = open(tables);
    values.begin(1);
    values.put('a', 1);
    values.put('b', 0);
    values.begin(2);
    values.put('c', 2);
    tables.set('b', 9);
    values.stored(1);
    expect([...values.changes().keys()]).toEqual(['c']);
    expect(names.map((name) => values.get(name))).toEqual([1, 9, 2]);
    values.clear();
    expect(names.map((name) => values.get(name))).toEqual([undefined, 9, undefined]);
  });

  it('is taken over from others, but not where the tables have it and more', () => {
    const values = open(
      new Map([
        ['a', 5],
        ['b', 5],
      ]),
    );
    expect(values.get('a')).toBe(5);
    for (const name of names) {
      values.replay(name, 3, true, (before) => (before() ?? 0) + 1);
    }
    expect(names.map((name) => values.get(name))).toEqual([6, 5, undefined]);
    // That there was none is known now.
    values.replay('c', 4, true, (before) => (before() ?? 0) + 1);
    values.replay('b', 5, false, (before) => (before() ?? 0) + 1);
    expect(names.map((name) => values.get(name))).toEqual([6, 6, 1]);
    expect([...values.changes()].map(([name, { number }]) => [name, number])).toEqual([
      ['a', 3],
      ['c', 4],
      ['b', 5],
    ]);
  });
});
