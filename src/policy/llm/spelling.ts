import type { Member } from '../json/document.ts';
import { foldName } from './forbidden-fields.ts';

/**
 * The members of these names, or undefined where one of them is spelled in another letter case too: a provider written in Go takes
 * `Type` for `type`, and the later of the two wins.
 */
export function pickMembers(members: readonly Member[], names: ReadonlySet<string>): ReadonlyMap<string, Member> | undefined {
  const picked = new Map<string, Member>();
  for (const member of members) {
    if (names.has(member.key)) {
      picked.set(member.key, member);
    } else if (names.has(foldName(member.key))) {
      return undefined;
    }
  }
  return picked;
}
