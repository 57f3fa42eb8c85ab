import { Buffer } from 'node:buffer';
import { DEFAULT_SCAN_LIMITS } from '../../json/document.ts';
import { scanDocument } from '../../json/scan.ts';
import { DATA, object } from './rule.ts';
import type { Origin, Site } from './site.ts';
import { walkDocument } from './walk-rule.ts';
import { writeBack } from './write-back.ts';
import type { Replacement } from './write-back.ts';

// The scanner reads objects, and a tool's arguments may be any JSON: the text is read as the only member of one.
const opening = '{"":';
const closing = '}';
const WRAPPED = object({ '': DATA });

/** A text that is JSON itself: its texts, names of members and numbers, whose offsets are those of `bytes`. */
export interface InnerJson {
  readonly bytes: Buffer;
  readonly sites: readonly Site[];
}

/**
 * Reads the text of a `json` site, or any other that may be JSON. Undefined where it is not one unambiguous value, such as a call that was
 * cut off: it is then a text like any other, in which escapes may hide what they spell.
 */
export function openInner(text: string, origin: Origin): InnerJson | undefined {
  const bytes = Buffer.from(`${opening}${text}${closing}`, 'utf8');
  const scan = scanDocument(bytes, DEFAULT_SCAN_LIMITS);
  const [only, ...others] = scan.kind === 'object' ? scan.members : [];
  if (only === undefined || only.key !== '' || others.length > 0) {
    return undefined;
  }
  return { bytes, sites: walkDocument(bytes, WRAPPED, { origin, part: undefined }).sites };
}

/** The text with the replacements made, escaped as JSON; write it back as the new text of the site it was read from. */
export function closeInner({ bytes }: InnerJson, replacements: readonly Replacement[]): string {
  const written = writeBack(bytes, replacements);
  return written.toString('utf8', opening.length, written.length - closing.length);
}
