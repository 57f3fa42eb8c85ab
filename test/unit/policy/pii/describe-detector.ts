import { describe, expect, it } from 'vitest';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import type { Detector } from '../../../../src/policy/detect/detector.ts';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { readMarked, writeMarked } from '../../../support/marked-text.ts';

interface Samples {
  /** Texts in which exactly what stands between « and » is found, whatever comes behind it. Each has one value, and ends with it. */
  readonly hits: readonly string[];
  /** Texts in which nothing is found. */
  readonly misses: readonly string[];
}

/** What comes behind a value in prose, markdown, JSON, HTML and tables. */
const behind = ['', '.', ',', ')', ';', '?', '`', '**', '<br>', '"}', "'", ' |', '\n', '\\n', ' and so on', '…', '」'];
/** What stands right before it. */
const before = ['', '(', '"', '`', '**', '>', '\n', '| ', '\\n', '„', '「'];

/** The table of a detector, or of those that share an entity. */
export function describeDetector(detectors: readonly Detector[], { hits, misses }: Samples): void {
  const entity = detectors[0]?.entity ?? '';
  const set = detectorSet(detectors.map((detector) => ({ detector, priority: 1 })));
  const mark = (text: string): string => writeMarked(text, detectWhole(text, set));

  describe(entity, () => {
    it.each(hits)('finds %s, whatever stands around it', (marked) => {
      const { text } = readMarked(marked);
      for (const tail of behind) {
        expect(mark(text + tail)).toBe(marked + tail);
      }
      for (const head of before) {
        expect(mark(text.replace(valueOf(marked), (value) => head + value))).toBe(marked.replace('«', `${head}«`));
      }
      expect(detectWhole(text, set).map((region) => region.entity)).toEqual([entity]);
    });

    it.each(misses)('ignores %s', (text) => {
      expect(mark(text)).toBe(text);
    });

    it.each(hits)('ignores %s as a part of a longer word', (marked) => {
      const { text } = readMarked(marked);
      expect(mark(`${text}0x9`)).not.toBe(`${marked}0x9`);
      expect(mark(text.replace(valueOf(marked), (value) => `x9${value}`))).not.toBe(marked.replace('«', 'x9«'));
    });
  });
}

const valueOf = (marked: string): string => /«(.*)»/s.exec(marked)?.[1] ?? '';
