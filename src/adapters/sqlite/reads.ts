import { must, never } from '../../core/assert.ts';
import type { StandingApproval } from '../../core/approval.ts';
import type { Block } from '../../ports/key-store.ts';
import { parseApprovalRow, parseStandingRow } from './approvals-rows.ts';
import type { Connection as OpenFile } from './database.ts';
import type { Answer, Read } from './protocol.ts';
import { parseOperatorRow } from './operators-rows.ts';
import { parseBlockRow, parseKeyRow } from './rows.ts';
import type { Statements } from './statements.ts';

type Connection = OpenFile<Statements>;

/** What the file says now. `commits`: those of this very connection. Throws `StoreError`. */
export function answerRead(connection: Connection, commits: number, question: Read): Answer {
  switch (question.op) {
    case 'find':
      return readKey(connection, commits, question.id);
    case 'pulse':
      return readPulse(connection, commits, question.seen);
    case 'list':
      return listKeys(connection);
    case 'listBlocks':
      return listBlocks(connection);
    case 'findOperator':
      return findOperator(connection, question.id);
    case 'listOperators':
      return listOperators(connection);
    case 'findApproval':
      return findApproval(connection, question.id);
    case 'listApprovals':
      return listApprovals(connection, question.newest);
    default:
      return never(question);
  }
}

/** `PRAGMA data_version` does not count the commits of this very connection. */
function versionOf({ generation, statements }: Connection, commits: number): string {
  const others = statements.dataVersion.get()?.['data_version'];
  must(typeof others === 'number', 'PRAGMA data_version gives a number');
  return `${generation}.${others}.${commits}`;
}

/** Without those that are over: what was ever granted is kept. Whoever decides looks at the time, too. */
const readStanding = ({ statements }: Connection): StandingApproval[] => statements.listStanding.all(Date.now()).map(parseStandingRow);

const readBlocks = ({ statements }: Connection): Block[] => statements.listBlocks.all().map(parseBlockRow);

function readPulse(connection: Connection, commits: number, seen: string | undefined): Answer {
  // Read first: a commit between the two reads then shows as a new version at the next pulse.
  const version = versionOf(connection, commits);
  return version === seen
    ? { kind: 'pulse', version, blocks: undefined, approvals: undefined }
    : { kind: 'pulse', version, blocks: readBlocks(connection), approvals: readStanding(connection) };
}

function readKey(connection: Connection, commits: number, id: string): Answer {
  const version = versionOf(connection, commits);
  const row = connection.statements.findKey.get(id);
  return { kind: 'record', record: row === undefined ? undefined : parseKeyRow(row), version };
}

const listKeys = ({ statements }: Connection): Answer => ({
  kind: 'records',
  records: statements.listKeys.all().map(parseKeyRow),
});

const listBlocks = (connection: Connection): Answer => ({ kind: 'blocks', blocks: readBlocks(connection) });

const findOperator = ({ statements }: Connection, id: string): Answer => ({
  kind: 'operators',
  operators: statements.findOperator.all(id).map(parseOperatorRow),
});

const listOperators = ({ statements }: Connection): Answer => ({
  kind: 'operators',
  operators: statements.listOperators.all().map(parseOperatorRow),
});

const findApproval = ({ statements }: Connection, id: string): Answer => ({
  kind: 'approvals',
  approvals: statements.findApproval.all(id).map(parseApprovalRow),
});

const listApprovals = ({ statements }: Connection, newest: number): Answer => ({
  kind: 'approvals',
  approvals: statements.listApprovals.all(newest).map(parseApprovalRow),
});
