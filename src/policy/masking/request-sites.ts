import { must } from '../../core/assert.ts';
import { lookAlike } from '../../core/masking.ts';
import { openInner } from '../llm/texts/inner-json.ts';
import { textOf, type Site } from '../llm/texts/site.ts';
import { openSections } from '../detect/sections.ts';
import { openJsonMask } from './json-mask.ts';
import type { RequestPlan } from './plan.ts';
import { openTextMask, type Hide } from './text-mask.ts';

/** What stands between the name of a member and its value. */
const colonBytesMax = 8;

/** A site with its text, and the words before it that may tell what a value is. */
export interface ReadSite {
  readonly site: Site;
  readonly text: string;
  /** The name of the member whose value it is; '' for none. */
  readonly context: string;
}

/** What the name of a member says before its value. */
export const contextOf = (name: string): string => `${name}: `;

export function readSites(bytes: Uint8Array, sites: readonly Site[]): readonly ReadSite[] {
  let before: ReadSite | undefined;
  return sites.map((site) => {
    const name = before?.site.kind === 'key' && site.start - before.site.end <= colonBytesMax ? contextOf(before.text) : '';
    const read = { site, text: textOf(bytes, site), context: name };
    before = read;
    return read;
  });
}

const mayBeJson = /^\s*[[{]/;

/** True where what a text says must be read as JSON: escapes may hide it. */
export const isJson = ({ site, text }: ReadSite): boolean =>
  site.kind === 'json' || (site.kind === 'text' && mayBeJson.test(text) && openInner(text, site.origin) !== undefined);

/** Its text, with everything hidden that is found in it; what stands for a value already is left alone. `isSeen`: it was before something in it was hidden. */
export function maskSite(read: ReadSite, { set, isLookAlike }: RequestPlan, hide: Hide, isSeen = false): string {
  must(read.site.kind !== 'logprobs', 'log probabilities are emptied or left');
  const asJson = isJson(read);
  const seenAs = asJson ? 'rewritten' : 'in place';
  const entityOf = isLookAlike && ((standIn: string): string | undefined => (isLookAlike(standIn) ? lookAlike : undefined));
  const sections = openSections({ set, context: read.context, entityOf, seen: isSeen ? seenAs : 'never' });
  return (asJson ? openJsonMask : openTextMask)(sections, hide).end(read.text);
}
