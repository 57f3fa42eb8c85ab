import { Buffer } from 'node:buffer';

/** What was made for a text before, so that it is not made again. */
export interface Memo<Made> {
  /** What `make` gives for this key: it must always be the same for the same key. Never undefined. */
  get(key: string, make: (key: string) => Made): Made;
}

/** At most `entriesMax` entries, forgotten all at once where there are more: senders choose the keys, and may choose many. */
export function openMemo<Made>(entriesMax: number): Memo<Made> {
  const entries = new Map<string, Made>();
  return {
    get(key, make) {
      const known = entries.get(key);
      if (known !== undefined) {
        return known;
      }
      const made = make(key);
      if (entries.size >= entriesMax) {
        entries.clear();
      }
      entries.set(ownCopy(key), made);
      return made;
    },
  };
}

/** A part of a text keeps the whole of it in memory: an address would keep the header that it was found in. */
const ownCopy = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
