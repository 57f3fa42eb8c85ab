import type { Caller } from '../core/caller.ts';
import { judgeBlocks } from '../policy/blocks.ts';
import type { KeyReader } from '../ports/key-store.ts';

/** The exchanges of this process that a block may cut. */
interface Abortable {
  abort(matches: (caller: Caller) => boolean): number;
}

/** Cuts running exchanges whenever a block that asks for it appears. New requests are refused by the decision itself. */
export function abortBlocked(keys: KeyReader, open: Abortable): () => void {
  const look = async (): Promise<void> => {
    const cutting = (await keys.blocks()).filter((block) => block.abortStreams);
    if (cutting.length > 0) {
      open.abort((caller) => judgeBlocks(cutting, caller).kind !== 'next');
    }
  };
  return keys.onChange(() => {
    // A store that cannot be read now is read again at its next change; meanwhile nothing new is admitted either.
    look().catch(() => undefined);
  });
}
