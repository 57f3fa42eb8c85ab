import { must } from '../../core/assert.ts';
import type { Place } from '../llm/texts/site.ts';
import type { Replacement } from '../llm/texts/write-back.ts';
import type { ReadSite } from './request-sites.ts';

/**
 * Two names of one object that are hidden by the same words would be one name twice, which says something else to everybody who reads it. Gives
 * what goes in the place of a name: with a number behind it where another name of its object has those words. All else stays as it is.
 */
export function openNames(sites: readonly ReadSite[]): (read: ReadSite, replacements: readonly Replacement[]) => readonly Replacement[] {
  let taken: Map<Place | undefined, Names> | undefined;
  return ({ site: { kind, place }, text: before }, replacements) => {
    if (kind !== 'key') {
      return replacements;
    }
    return replacements.map(({ site, text }) => {
      if (text === before) {
        return { site, text };
      }
      taken ??= namesOf(sites);
      const names = taken.get(place.parent);
      must(names !== undefined, 'names are asked for of the sites that they were opened with');
      return { site, text: nextName(names, text) };
    });
  };
}

/** The names of one object, each with the last number that was put behind it. */
type Names = Map<string, number>;

function nextName(names: Names, text: string): string {
  let name = text;
  for (let number = names.get(text) ?? 1; names.has(name); name = `${text} (${String(number)})`) {
    number += 1;
    names.set(text, number);
  }
  names.set(name, 1);
  return name;
}

/** As they came, by the place of their object. */
function namesOf(sites: readonly ReadSite[]): Map<Place | undefined, Names> {
  const names = new Map<Place | undefined, Names>();
  for (const { site, text } of sites) {
    if (site.kind === 'key') {
      names.set(site.place.parent, (names.get(site.place.parent) ?? new Map<string, number>()).set(text, 1));
    }
  }
  return names;
}
