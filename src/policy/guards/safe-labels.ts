const labelsMax = 16;

/** Names of categories as guards have them: `S1`, `hate/threatening`, `US_SSN`. No space, no "@", no long number: nothing of a text. */
const safe = /^[A-Za-z][A-Za-z0-9_./-]{0,63}$/;
const longNumber = /\d{4}/;

/** Labels come from another server, which may repeat what it was asked about: what does not look like a label is told as `other`. */
export function safeLabels(labels: readonly string[]): readonly string[] {
  const shown = new Set(labels.map((label) => (safe.test(label) && !longNumber.test(label) ? label : 'other')));
  return [...shown].slice(0, labelsMax);
}

/** `S1,S10`, or `unnamed` where the guard said no more. */
export const describeLabels = (labels: readonly string[]): string => (labels.length === 0 ? 'unnamed' : safeLabels(labels).join(','));
