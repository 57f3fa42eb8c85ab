import { describe } from 'vitest';
import { describeAdmission } from './ledger-admission.contract.ts';
import { describeHandles } from './ledger-handles.contract.ts';
import { describeHolds } from './ledger-holds.contract.ts';
import { useLedger, type LedgerUnderTest } from './ledger-stage.ts';
import { describeTime } from './ledger-time.contract.ts';

/** The suite that every `Ledger` has to pass. */
export function describeLedger(name: string, start: () => Promise<LedgerUnderTest>): void {
  describe(`${name} as a ledger`, () => {
    const stage = useLedger(start);
    describeAdmission(stage);
    describeHolds(stage);
    describeTime(stage);
    describeHandles(stage);
  });
}
