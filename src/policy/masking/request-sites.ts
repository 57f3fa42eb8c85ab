import { must } from '../../core/assert.ts';
import { openInner } from '../llm/texts/inner-json.ts';
import { textOf, type Site } from '../llm/texts/site.ts';
import type { Replacement } from '../llm/texts/write-back.ts';
import type { DetectorSet } from '../detect/detector-set.ts';
import { openJsonMask } from './json-mask.ts';
import type { TextFilter } from './text-filter.ts';
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

export function readSites(bytes: Uint8Array, sites: readonly Site[]): readonly ReadSite[] {
  let before: ReadSite | undefined;
  return sites.map((site) => {
    const name = before?.site.kind === 'key' && site.start - before.site.end <= colonBytesMax ? `${before.text}: ` : '';
    const read = { site, text: textOf(bytes, site), context: name };
    before = read;
    return read;
  });
}

const mayBeJson = /^\s*[[{]/;

/** True where what a text says must be read as JSON: escapes may hide it. */
export const isJson = ({ site, text }: ReadSite): boolean =>
  site.kind === 'json' || (site.kind === 'text' && mayBeJson.test(text) && openInner(text, site.origin) !== undefined);

export const maskSite = (read: ReadSite, set: DetectorSet, hide: Hide): Replacement => ({
  site: read.site,
  text: openMaskOf(read, set, hide).end(read.text),
});

function openMaskOf(read: ReadSite, set: DetectorSet, hide: Hide): TextFilter {
  must(read.site.kind !== 'logprobs', 'log probabilities are emptied or left');
  return isJson(read) ? openJsonMask(set, hide, read.context) : openTextMask(set, hide, read.context);
}
