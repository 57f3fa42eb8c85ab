import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../../src/policy/detect/detector.ts';
import { findAll } from '../../../quality/find-spans.ts';

export interface Tables {
  /** What must be found stands between ‹ and ›. */
  readonly hits: readonly string[];
  readonly misses: readonly string[];
}

/** Everything between the first beginning and the last end of what was found, between ‹ and ›. */
function mark(detectors: readonly Detector[], text: string): string {
  const found = findAll(detectors, text);
  const start = Math.min(...found.map((span) => span.start));
  const end = Math.max(...found.map((span) => span.end));
  return found.length === 0 ? text : `${text.slice(0, start)}‹${text.slice(start, end)}›${text.slice(end)}`;
}

export function testTables(name: string, detectors: readonly Detector[], { hits, misses }: Tables): void {
  describe(name, () => {
    it.each(hits)('finds %j', (marked) => {
      expect(mark(detectors, marked.replaceAll(/[‹›]/g, ''))).toBe(marked);
    });
    it.each(misses)('ignores %j', (text) => {
      expect(mark(detectors, text)).toBe(text);
    });
  });
}
