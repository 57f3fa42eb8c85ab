import { describe, expect, it } from 'vitest';
import { next, type Outcome } from '../../../src/core/outcome.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Seals } from '../../../src/pipeline/ports.ts';
import { openSeals } from '../../../src/pipeline/seals.ts';
import { CALLER } from '../../support/callers.ts';

interface Process {
  readonly seals: Seals;
  pepper: Secret | undefined;
  nowMs: number;
}

function startProcess(): Process {
  const process: Process = {
    pepper: new Secret('a pepper'),
    nowMs: 1_800_000_000_000,
    seals: openSeals({ served: () => process.pepper, reject: () => undefined }, () => process.nowMs),
  };
  return process;
}

const found = (outcome: Outcome<string>): string => (outcome.kind === 'next' ? outcome.found : 'refused');
const isFault = { kind: 'fault' };

it('a caller that is too long to be opened by another process is not sealed', () => {
  const { seals } = startProcess();
  expect(seals.seal({ ...CALLER, user: 'u'.repeat(8_192) }, 'exchange-1', 0)).toMatchObject({ kind: 'fault', fault: { cause: 'seal' } });
});

// Whoever opens it: the process that sealed it, which knows it again, and any other, which has to read it.
describe.each<[string, (own: Process) => Process]>([
  ['by its own process', (own) => own],
  ['by another process', () => startProcess()],
])('a seal opened %s', (_, openedBy) => {
  const sealed = (): { readonly own: Process; readonly other: Process; readonly text: string } => {
    const own = startProcess();
    return { own, other: openedBy(own), text: found(own.seals.seal(CALLER, 'exchange-1', 7)) };
  };

  it('is the caller, as often as it is asked for', () => {
    const { other, text } = sealed();
    expect(other.seals.open(text, 'exchange-1')).toMatchObject(next({ caller: CALLER, storeMs: 7 }));
    expect(other.seals.open(text, 'exchange-1')).toMatchObject(next({ caller: CALLER, storeMs: 7 }));
  });

  it('is for its exchange alone', () => {
    const { other, text } = sealed();
    expect(other.seals.open(text, 'exchange-2')).toMatchObject(isFault);
    expect(other.seals.open(undefined, 'exchange-1')).toMatchObject(isFault);
    expect(other.seals.open(`${text} `, 'exchange-1')).toMatchObject(isFault);
  });

  it('is stale after 30 s', () => {
    const { other, text } = sealed();
    other.nowMs += 30_000;
    expect(other.seals.open(text, 'exchange-1')).toMatchObject(next({ caller: CALLER, storeMs: 7 }));
    other.nowMs += 1;
    expect(other.seals.open(text, 'exchange-1')).toMatchObject(isFault);
  });

  it('is worth nothing under another pepper, or none', () => {
    const { other, text } = sealed();
    other.pepper = new Secret('another pepper');
    expect(other.seals.open(text, 'exchange-1')).toMatchObject(isFault);
    other.pepper = undefined;
    expect(other.seals.open(text, 'exchange-1')).toMatchObject({ kind: 'fault', fault: { cause: 'secret' } });
    expect(other.seals.seal(CALLER, 'exchange-1', 7)).toMatchObject({ kind: 'fault', fault: { cause: 'secret' } });
  });

  it('opens also after thousands of others', () => {
    const { own, other, text } = sealed();
    for (let index = 0; index < 3_000; index += 1) {
      own.seals.seal(CALLER, `other-${String(index)}`, 0);
    }
    expect(other.seals.open(text, 'exchange-1')).toMatchObject(next({ caller: CALLER, storeMs: 7 }));
  });
});
