import type { PatternDetector, RunDetector } from '../../src/policy/detect/detector.ts';

/** Small detectors with small limits, so that random texts meet every rule of the engine. */
export const letters: PatternDetector = {
  kind: 'pattern',
  entity: 'letters',
  pattern: /a[ab]{0,3}c?/g,
  lengthMax: 5,
  leftMax: 1,
  gate: undefined,
  judge: (text, start, end) => text[start - 1] !== 'x' && text[end] !== 'x',
  open: /a[ab]{0,3}c?$/,
};

/** Overlaps itself without end: regions fill up. */
export const chain: PatternDetector = {
  kind: 'pattern',
  entity: 'chain',
  pattern: /b{2}[abc]{0,40}/g,
  lengthMax: 42,
  leftMax: 0,
  gate: (text) => text.includes('bb'),
  judge: () => true,
  open: /b(?:b[abc]{0,40})?$/,
};

export const named: PatternDetector = {
  kind: 'pattern',
  entity: 'named',
  pattern: /c{1,2}/g,
  lengthMax: 2,
  leftMax: 8,
  gate: undefined,
  judge: (text, start) => text.slice(Math.max(0, start - 8), start).includes('x'),
  open: /c{1,2}$/,
};

/** Ends with a mark that belongs to it. */
export const block: RunDetector = {
  kind: 'run',
  entity: 'block',
  begin: /<b?</g,
  beginMax: 3,
  gate: (text) => text.includes('<'),
  open: /<b?<?$/,
  end: />{2,4}/g,
  endMax: 4,
  lengthMax: 24,
};

/** Ends before the first character that is none of its own. */
export const word: RunDetector = {
  kind: 'run',
  entity: 'word',
  begin: /\bxb/g,
  beginMax: 2,
  gate: undefined,
  open: /xb?$/,
  end: /(?![abcx])/g,
  endMax: 0,
  lengthMax: 300,
};
