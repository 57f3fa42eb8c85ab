import { describe, expect, it } from 'vitest';
import { openOverlay } from '../../../../src/adapters/sqlite/overlay.ts';

const stored = new Map([
  ['a', 1],
  ['b', 2],
]);

describe('what a transaction changed', () => {
  it('is read before what is stored, and each row only once', () => {
    const read: string[] = [];
    const overlay = openOverlay((name) => {
      read.push(name);
      return stored.get(name);
    });
    overlay.set('b', 20);
    expect(['a', 'a', 'b', 'c', 'c'].map((name) => overlay.get(name))).toEqual([1, 1, 20, undefined, undefined]);
    expect(read).toEqual(['a', 'c']);
    expect([...overlay.changes()]).toEqual([['b', 20]]);
  });

  it('is undone back to what was accepted, and otherwise to what is stored', () => {
    const overlay = openOverlay((name) => stored.get(name));
    overlay.set('a', 10);
    overlay.accept();
    overlay.set('a', 11);
    overlay.set('a', 12);
    overlay.set('b', 20);
    overlay.set('c', 30);
    overlay.discard();
    expect(['a', 'b', 'c'].map((name) => overlay.get(name))).toEqual([10, 2, undefined]);
    expect([...overlay.changes()]).toEqual([['a', 10]]);
    overlay.set('a', 13);
    overlay.accept();
    overlay.discard();
    expect(overlay.get('a')).toBe(13);
  });
});
