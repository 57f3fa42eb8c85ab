import type { Vocabulary } from '../core/vocabulary.ts';

/** Counts the tokens of request bodies, where bytes as a bound of the input are too many. */
export interface TokenCounter {
  /**
   * At least as many tokens as the text of this JSON body has, what stands between its strings counted by bytes; undefined where that
   * is not known in time (too large, too many at once): then its bytes are the bound. Never throws.
   */
  count(vocabulary: Vocabulary, body: Uint8Array): Promise<number | undefined>;
}
