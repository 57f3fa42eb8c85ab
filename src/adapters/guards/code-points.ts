import type { FoundEntity } from '../../ports/guard.ts';
import { GuardError } from './guard-error.ts';

/**
 * Findings with offsets in code points, as Python counts, as findings in UTF-16 code units. Throws `GuardError` `bad_reply` for one that
 * does not lie in the text.
 */
export function toCodeUnits(text: string, found: readonly FoundEntity[]): readonly FoundEntity[] {
  const offsets = [...new Set(found.flatMap(({ start, end }) => [start, end]))].toSorted((left, right) => left - right);
  const units = new Map<number, number>();
  let point = 0;
  let unit = 0;
  for (const offset of offsets) {
    for (; point < offset && unit < text.length; point += 1) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    }
    if (point === offset) {
      units.set(offset, unit);
    }
  }
  return found.map((each) => {
    const start = units.get(each.start);
    const end = units.get(each.end);
    if (start === undefined || end === undefined || start >= end) {
      throw new GuardError('bad_reply');
    }
    return { ...each, start, end };
  });
}
