import { counterEffect, withEffect, type CounterEffect } from './ledger-counter-effect.ts';
import { lineName, type LedgerContents } from './ledger-contents.ts';
import { accountNames, encodePlace, holdParts, isEnded, endedHold, parseHoldParts, type HoldParts } from './ledger-rows.ts';
import { count, list, listOf, text, unreadable } from './ledger-values.ts';
import type { Spending } from '../../ports/ledger.ts';

/** `[counters, holds, holds that are over, lines]`, each with what it has come to: nothing is counted a second time. */
type Effects = readonly [
  counters: (readonly [key: string, ...CounterEffect])[],
  holds: (readonly [...HoldParts, account: readonly string[], places: readonly (readonly (string | number)[])[]])[],
  ended: (string | number)[],
  lines: (readonly [string, ...string[], number, number, number])[],
];

export interface Encoded {
  readonly json: string;
  /** How many counters, holds and lines were changed. */
  readonly count: number;
}

/** What the transaction under way has changed. */
export function encodeEffects({ counters, holds, lines }: LedgerContents): Encoded {
  const effects: Effects = [[], [], [], []];
  counters.eachTouched((key, value, before) => {
    effects[0].push([key, ...counterEffect(before, value)]);
  });
  holds.eachTouched((id, value) => {
    if (isEnded(value)) {
      effects[2].push(id, value.forgetMs);
    } else {
      effects[1].push([...holdParts(value), accountNames(value.account), value.places.map(encodePlace)]);
    }
  });
  lines.eachTouched((_name, value) => {
    effects[3].push([value.day, ...accountNames(value), value.requests, value.tokens, value.nanoUsd]);
  });
  return { json: JSON.stringify(effects), count: effects[0].length + effects[1].length + effects[2].length / 2 + effects[3].length };
}

/**
 * Takes over what a transaction has changed; `isStored`: the tables have it too. Returns how many counters, holds and lines those are.
 * Throws `StoreError` where it is not readable in full.
 */
export function replayEffects({ counters, holds, lines }: LedgerContents, json: unknown, number: number, isStored: boolean): number {
  const [allCounters, allHolds, allEnded, allLines, ...rest] = listOf(json).map(list);
  if (allCounters === undefined || allHolds === undefined || allEnded === undefined || allLines === undefined || rest.length > 0) {
    throw unreadable('a change');
  }
  for (const each of allCounters) {
    const [key, ...effect] = list(each);
    const numbers = effect.map(count);
    counters.replay(text(key), number, isStored, (before) => withEffect(numbers, before));
  }
  for (const each of allHolds) {
    const parts = list(each);
    const hold = parseHoldParts(parts, list(parts[9]), list(parts[10]));
    holds.replay(hold.id, number, isStored, () => hold);
  }
  for (let index = 0; index < allEnded.length; index += 2) {
    const hold = endedHold(text(allEnded[index]), count(allEnded[index + 1]));
    holds.replay(hold.id, number, isStored, () => hold);
  }
  for (const each of allLines) {
    const line = parseLine(list(each));
    lines.replay(lineName(line), number, isStored, () => line);
  }
  return allCounters.length + allHolds.length + allEnded.length / 2 + allLines.length;
}

function parseLine([day, team, client, key, user, model, requests, tokens, nanoUsd]: readonly unknown[]): Spending {
  const names = { day: text(day), team: text(team), client: text(client), key: text(key), user: text(user), model: text(model) };
  return { ...names, requests: count(requests), tokens: count(tokens), nanoUsd: count(nanoUsd) };
}
