import type { Report, RestoredCounter } from '../ports/recovery-notes.ts';

/** What a limit looks like after the journals have spoken. */
export interface LostFigure extends Pick<RestoredCounter, 'kind' | 'key' | 'limit' | 'restored'> {
  /** More than this was not admitted under the limit beside what was restored, so no more can have been lost. */
  readonly lostMax: number;
}

export interface LostFigures {
  readonly figures: readonly LostFigure[];
  /** True where nothing that was admitted can be missing, under any limit. */
  readonly isWhole: boolean;
  /** Counters that the journals did not list. */
  readonly unlisted: number;
}

/** Adds up what the journals have told again; `missing`: journals that have not. */
export function lostFigures(reports: readonly Report[], missing: number): LostFigures {
  const byKey = new Map<string, RestoredCounter>();
  for (const counter of reports.flatMap(({ counters }) => counters)) {
    const before = byKey.get(counter.key);
    const restored = counter.restored + (before?.restored ?? 0);
    byKey.set(counter.key, { ...counter, limit: Math.max(counter.limit, before?.limit ?? 0), restored });
  }
  const coveredFromMs = Math.max(0, ...reports.map(({ coversFromMs }) => coversFromMs));
  const figures = [...byKey.values()].map(({ kind, key, limit, restored, fromMs }): LostFigure => {
    const isCovered = missing <= 0 && (fromMs === undefined || coveredFromMs <= fromMs);
    return { kind, key, limit, restored, lostMax: isCovered ? 0 : Math.max(0, limit - restored) };
  });
  return {
    figures,
    isWhole: missing <= 0 && coveredFromMs === 0,
    unlisted: reports.reduce((sum, report) => sum + report.unlisted, 0),
  };
}
