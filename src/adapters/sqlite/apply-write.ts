import { never } from '../../core/assert.ts';
import type { OperatorRecord } from '../../core/operator.ts';
import { StoreError, type Block } from '../../ports/key-store.ts';
import { applyRequest, applyStep } from './approvals-write.ts';
import { encodeOperatorRow } from './operators-rows.ts';
import type { Write } from './protocol.ts';
import { encodeBlockRow, encodeKeyRow } from './rows.ts';
import type { Statements } from './statements.ts';

/** The kill switch is read whole by every process; beyond this, block the client or the issuer instead of single tokens. */
const blocksMax = 10_000;

/** Revoked ones stay, to say whose a call in the log was. */
const operatorsMax = 10_000;

/** False where there was nothing to change. */
export function applyWrite(statements: Statements, write: Write): boolean {
  switch (write.op) {
    case 'create':
      return statements.insertKey.run(...encodeKeyRow(write.record)).changes > 0;
    case 'revoke':
      return statements.revokeKey.run(write.atMs, write.id).changes > 0;
    case 'block':
      return applyBlock(statements, write.block);
    case 'unblock':
      return statements.deleteBlock.run(write.kind, write.value).changes > 0;
    case 'createOperator':
      return applyOperator(statements, write.record);
    case 'revokeOperator':
      return statements.revokeOperator.run(write.atMs, write.id).changes > 0;
    case 'requestApproval':
      return applyRequest(statements, write.approval);
    case 'stepApproval':
      return applyStep(statements, write.id, write.change);
    default:
      return never(write);
  }
}

function applyOperator(statements: Statements, record: OperatorRecord): boolean {
  const standing = statements.countOperators.get()?.['operators'];
  if (typeof standing !== 'number' || standing >= operatorsMax) {
    throw new StoreError('refused', new Error(`there are ${operatorsMax} tokens of operators already`));
  }
  return statements.insertOperator.run(...encodeOperatorRow(record)).changes > 0;
}

/** A block of `all` is always taken: it is the way out when there are too many others. */
function applyBlock(statements: Statements, block: Block): boolean {
  const standing = statements.countBlocks.get()?.['blocks'];
  if (block.kind !== 'all' && (typeof standing !== 'number' || standing >= blocksMax)) {
    throw new StoreError('refused', new Error(`there are ${blocksMax} blocks already: remove some, or block the client or issuer`));
  }
  return statements.upsertBlock.run(...encodeBlockRow(block)).changes > 0;
}
