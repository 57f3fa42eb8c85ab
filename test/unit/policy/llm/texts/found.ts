import type { Buffer } from 'node:buffer';
import { textOf } from '../../../../../src/policy/llm/texts/site.ts';
import type { Texts } from '../../../../../src/policy/llm/texts/site.ts';
import { canariesIn } from './canary.ts';

const numberOf = (canary: string): string => canary.replace(/.* /, '');

/** What was found of the canaries, each as what it was found: to be compared with what they say of themselves. */
export function found(bytes: Buffer, texts: Texts): readonly string[] {
  // What says that it is sealed and does not look it is searched, too.
  const own = texts.sites.filter(({ start }) => texts.unreadable.every((unreadable) => unreadable.start !== start));
  const sites = own.flatMap((site) => canariesIn(textOf(bytes, site)).map((canary) => `${site.origin} ${site.kind} ${numberOf(canary)}`));
  const unreadable = texts.unreadable.flatMap(({ what, start, end }) =>
    canariesIn(bytes.toString('utf8', start, end)).map((canary) => `none ${what} ${numberOf(canary)}`),
  );
  return [...sites, ...unreadable].toSorted();
}
