import { Buffer } from 'node:buffer';
import { must } from '../../../core/assert.ts';
import { BYTE } from '../../json/cursor.ts';
import { encodeString, splice } from '../../json/splice.ts';
import type { Edit } from '../../json/splice.ts';
import { textOf } from './site.ts';
import type { Site } from './site.ts';

/** A new text for a site. For a number it is a string from then on; log probabilities can only be emptied, by `''`. */
export interface Replacement {
  readonly site: Site;
  readonly text: string;
}

const emptyList = Buffer.from('[]');
const nothing = Buffer.from('null');

function literalFor(bytes: Uint8Array, { site, text }: Replacement): Uint8Array {
  if (site.kind !== 'logprobs') {
    return encodeString(text);
  }
  must(text === '', 'log probabilities are emptied or left');
  return bytes[site.start] === BYTE.openBracket ? emptyList : nothing;
}

/** The edits that make the replacements, in the order of the bytes. None for a text that stays as it is. What is signed is never edited. */
export function editsFor(bytes: Uint8Array, replacements: readonly Replacement[]): readonly Edit[] {
  return replacements
    .filter(({ site, text }) => {
      must(site.kind !== 'signed', 'what is signed is not edited');
      return text !== textOf(bytes, site);
    })
    .map((replacement) => ({ start: replacement.site.start, end: replacement.site.end, replacement: literalFor(bytes, replacement) }))
    .toSorted((left, right) => left.start - right.start);
}

/** The bytes with the replacements made and everything else as it was; the same bytes, uncopied, where nothing changes. */
export const writeBack = (bytes: Uint8Array, replacements: readonly Replacement[]): Buffer => splice(bytes, editsFor(bytes, replacements));
