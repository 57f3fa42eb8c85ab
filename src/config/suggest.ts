/** The candidate nearest to `text` by edit distance, if near enough to be a likely slip; for "did you mean". */
export function suggest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau–Levenshtein distance (optimal string alignment): two letters that changed places are one slip, as they are for whoever types. */
function editDistance(left: string, right: string): number {
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  let before = row;
  for (let i = 1; i <= left.length; i += 1) {
    const next = nextRow(left.slice(0, i), right, row, before);
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}

/** Distances of `left` from each beginning of `right`, by those of `left` without its last one and two letters. */
function nextRow(left: string, right: string, row: readonly number[], before: readonly number[]): readonly number[] {
  const next = [left.length];
  for (let j = 1; j <= right.length; j += 1) {
    const substitution = (row[j - 1] ?? 0) + (left.at(-1) === right[j - 1] ? 0 : 1);
    const isSwapped = left.length > 1 && j > 1 && left.at(-1) === right[j - 2] && left.at(-2) === right[j - 1];
    const swap = isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity;
    next.push(Math.min(substitution, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
  }
  return next;
}

/** ` (did you mean "…"?)`, or nothing where nothing is near. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const nearest = suggest(text, candidates);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}
