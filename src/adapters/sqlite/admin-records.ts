import type { ApprovalStore } from '../../ports/approvals.ts';
import type { OperatorStore } from '../../ports/operators.ts';
import type { Link } from './link.ts';
import type { Answer, Question, Write } from './protocol.ts';

const readMsMax = 2_000;
const listedMax = 1_000;

/** Operators and approvals as the admin API sees them: always what the file says, never what a process remembers. */
export function openAdminRecords(
  link: Link<Question, Answer>,
  write: (question: Write) => Promise<boolean>,
): OperatorStore & ApprovalStore {
  return {
    findOperator: async (id) => {
      const { operators } = await link.ask('operators', { op: 'findOperator', id }, readMsMax);
      return operators[0];
    },
    listOperators: async () => {
      const { operators } = await link.ask('operators', { op: 'listOperators' }, readMsMax);
      return operators;
    },
    createOperator: async (record) => {
      await write({ op: 'createOperator', record });
    },
    revokeOperator: (id, atMs) => write({ op: 'revokeOperator', id, atMs }),
    findApproval: async (id) => {
      const { approvals } = await link.ask('approvals', { op: 'findApproval', id }, readMsMax);
      return approvals[0];
    },
    listApprovals: async () => {
      const { approvals } = await link.ask('approvals', { op: 'listApprovals', newest: listedMax }, readMsMax);
      return approvals;
    },
    requestApproval: async (approval) => {
      await write({ op: 'requestApproval', approval });
    },
    stepApproval: (id, change) => write({ op: 'stepApproval', id, change }),
  };
}
