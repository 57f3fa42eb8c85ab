import { describeLedger } from '../../../contract/ledger.contract.ts';
import { openMemoryLedger } from '../../../support/memory-ledger.ts';

/** A time in the middle of a sub-bucket of every window in use. */
const startMs = 1_795_262_400_777;

describeLedger('memory', () => {
  const ledger = openMemoryLedger(startMs);
  return Promise.resolve({
    open: () => Promise.resolve(ledger.open()),
    advance: (ms) => {
      ledger.advance(ms);
      return Promise.resolve();
    },
    loseMemory: () => {
      ledger.loseMemory();
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  });
});
