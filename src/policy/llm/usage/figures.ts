import { membersOf } from '../../json/children.ts';
import type { Member } from '../../json/document.ts';
import { readInteger, readString } from '../../json/read.ts';

/** The members of an object of a provider's answer, read with suspicion. An absent object has none. */
export interface Figures {
  /** An integer from 0 to 2^53 - 1; undefined for anything else. */
  count(name: string): number | undefined;
  /** True where the member is there, and neither null nor such an integer. */
  isWrong(name: string): boolean;
  /** A string of at most 256 bytes as it was sent; undefined for anything else. */
  word(name: string): string | undefined;
  inside(name: string): Figures;
  elements(name: string): Member | undefined;
}

const wordBytesMax = 256;

export function figuresOf(bytes: Uint8Array, members: readonly Member[]): Figures {
  const find = (name: string): Member | undefined => members.find((member) => member.key === name);
  const count = (name: string): number | undefined => {
    const member = find(name);
    const integer = member === undefined ? undefined : readInteger(bytes, member);
    return integer !== undefined && integer >= 0 ? integer : undefined;
  };
  return {
    count,
    isWrong: (name) => (find(name)?.type ?? 'null') !== 'null' && count(name) === undefined,
    word: (name) => {
      const member = find(name);
      return member?.type === 'string' && member.end - member.start <= wordBytesMax ? readString(bytes, member) : undefined;
    },
    inside: (name) => {
      const member = find(name);
      return figuresOf(bytes, member?.type === 'object' ? membersOf(bytes, member) : []);
    },
    elements: (name) => {
      const member = find(name);
      return member?.type === 'array' ? member : undefined;
    },
  };
}
