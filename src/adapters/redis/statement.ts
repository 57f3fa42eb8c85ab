import type { Account } from '../../core/limit.ts';
import type { Spending } from '../../ports/ledger.ts';
import type { Keys } from './keys.ts';
import { badReply, parseList } from './server.ts';

/** One question about the statement: what is asked of a key, with a cursor where it is asked in parts. */
export interface Reader {
  /** The keys of the days that have lines. */
  days(): Promise<unknown>;
  /** Some lines of a day, and the cursor of the next. */
  lines(key: string, cursor: string): Promise<unknown>;
}

/** The lines of some days, by day. A day is read in parts, so that nobody else waits for it. */
export async function readStatement(reader: Reader, keys: Keys, fromDay: string, toDay: string): Promise<readonly Spending[]> {
  const prefix = keys.lines('');
  const days = textsOf(await reader.days())
    .map((key) => key.slice(prefix.length))
    .filter((day) => fromDay <= day && day <= toDay)
    .toSorted();
  const statement: Spending[] = [];
  for (const day of days) {
    const lines = await readDay(reader, keys.lines(day));
    for (const [account, amounts] of lines) {
      const line = { day, ...parseAccount(account), ...parseAmounts(amounts) };
      if (line.requests !== 0 || line.tokens !== 0 || line.nanoUsd !== 0) {
        statement.push(line);
      }
    }
  }
  return statement;
}

/** A line may come twice while the day grows. */
async function readDay(reader: Reader, key: string): Promise<ReadonlyMap<string, string>> {
  const lines = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, found] = parseList(await reader.lines(key, cursor));
    const texts = textsOf(found);
    for (let index = 0; index + 1 < texts.length; index += 2) {
      lines.set(texts[index] ?? '', texts[index + 1] ?? '');
    }
    cursor = typeof next === 'string' ? next : '0';
  } while (cursor !== '0');
  return lines;
}

function textsOf(answer: unknown): readonly string[] {
  return parseList(answer).filter((text: unknown) => typeof text === 'string');
}

function parseAccount(text: string): Account {
  const [team, client, key, user, model] = textsOf(JSON.parse(text));
  if (team === undefined || client === undefined || key === undefined || user === undefined || model === undefined) {
    throw badReply('whose line of the statement it is');
  }
  return { team, client, key, user, model };
}

function parseAmounts(text: string): { readonly requests: number; readonly tokens: number; readonly nanoUsd: number } {
  const [requests = Number.NaN, tokens = Number.NaN, nanoUsd = Number.NaN] = text.split(' ').map(Number);
  if (Number.isNaN(requests + tokens + nanoUsd)) {
    throw badReply('the figures of a line of the statement');
  }
  return { requests, tokens, nanoUsd };
}
