import type { ConditionalPrice } from '@pydantic/genai-prices';
import { never } from '../../core/assert.ts';
import type { Sheet } from './sheet.ts';

/** When a sheet holds, unless a later one of the same history does. */
export type Span =
  | { readonly kind: 'always' }
  | { readonly kind: 'since'; readonly atMs: number }
  /** Each day in UTC; over midnight where it ends before it begins. */
  | { readonly kind: 'daily'; readonly fromMs: number; readonly toMs: number };

/** The prices of a model over time, the earliest first. */
export type History = readonly [DatedSheet, ...DatedSheet[]];

export interface DatedSheet {
  readonly span: Span;
  readonly sheet: Sheet;
}

const dayMs = 86_400_000;

/** The sheet that holds at a moment. */
export const sheetAt = (history: History, atMs: number): Sheet => (history.findLast(({ span }) => holdsAt(span, atMs)) ?? history[0]).sheet;

/** Every sheet that holds at some moment from `sinceMs` on. */
export function sheetsSince(history: History, sinceMs: number): readonly Sheet[] {
  const settled = history.findLastIndex(({ span }) => span.kind === 'always' || (span.kind === 'since' && span.atMs <= sinceMs));
  return history.slice(Math.max(settled, 0)).map(({ sheet }) => sheet);
}

function holdsAt(span: Span, atMs: number): boolean {
  switch (span.kind) {
    case 'always':
      return true;
    case 'since':
      return atMs >= span.atMs;
    case 'daily': {
      const timeMs = atMs % dayMs;
      return span.toMs < span.fromMs ? timeMs >= span.fromMs || timeMs < span.toMs : timeMs >= span.fromMs && timeMs < span.toMs;
    }
    default:
      return never(span);
  }
}

/** Undefined where the list says it in a way that we do not know. */
export function readSpan(constraint: ConditionalPrice['constraint']): Span | undefined {
  if (constraint === undefined) {
    return { kind: 'always' };
  }
  if (constraint.type === 'start_date') {
    const atMs = Date.parse(constraint.start_date);
    return Number.isNaN(atMs) ? undefined : { kind: 'since', atMs };
  }
  const [fromMs, toMs] = [readTimeMs(constraint.start_time), readTimeMs(constraint.end_time)];
  return fromMs === undefined || toMs === undefined ? undefined : { kind: 'daily', fromMs, toMs };
}

/** `16:30:00Z` → milliseconds after midnight. */
function readTimeMs(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d)Z$/.exec(text) ?? [];
  return hours === undefined ? undefined : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}
