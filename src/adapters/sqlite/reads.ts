import { must } from '../../core/assert.ts';
import type { Block } from '../../ports/key-store.ts';
import type { Connection as OpenFile } from './database.ts';
import type { Answer } from './protocol.ts';
import { parseBlockRow, parseKeyRow } from './rows.ts';
import type { Statements } from './statements.ts';

type Connection = OpenFile<Statements>;

/** `commits`: those of this very connection, which `PRAGMA data_version` does not count. */
function versionOf({ generation, statements }: Connection, commits: number): string {
  const others = statements.dataVersion.get()?.['data_version'];
  must(typeof others === 'number', 'PRAGMA data_version gives a number');
  return `${generation}.${others}.${commits}`;
}

const readBlocks = ({ statements }: Connection): Block[] => statements.listBlocks.all().map(parseBlockRow);

export function readPulse(connection: Connection, commits: number, seen: string | undefined): Answer {
  // Read first: a commit between the two reads then shows as a new version at the next pulse.
  const version = versionOf(connection, commits);
  return { kind: 'pulse', version, blocks: version === seen ? undefined : readBlocks(connection) };
}

export function readKey(connection: Connection, commits: number, id: string): Answer {
  const version = versionOf(connection, commits);
  const row = connection.statements.findKey.get(id);
  return { kind: 'record', record: row === undefined ? undefined : parseKeyRow(row), version };
}

export const listKeys = ({ statements }: Connection): Answer => ({
  kind: 'records',
  records: statements.listKeys.all().map(parseKeyRow),
});

export const listBlocks = (connection: Connection): Answer => ({ kind: 'blocks', blocks: readBlocks(connection) });
