import { approvalsStep } from './approvals-file.ts';
import type { FileKind } from './database.ts';
import { operatorsStep } from './operators-file.ts';
import { prepareStatements, type Statements } from './statements.ts';

/** `SPRT` */
const applicationId = 0x53_50_52_54;

const steps: readonly string[] = [
  `CREATE TABLE keys (
     id TEXT PRIMARY KEY NOT NULL,
     environment TEXT NOT NULL,
     name TEXT NOT NULL,
     client TEXT NOT NULL,
     team TEXT,
     tier TEXT,
     user TEXT,
     policy TEXT,
     models TEXT NOT NULL,
     operations TEXT NOT NULL,
     networks TEXT NOT NULL,
     digests TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER,
     revoked_at_ms INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE blocks (
     kind TEXT NOT NULL,
     value TEXT NOT NULL,
     reason TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     abort_streams INTEGER NOT NULL,
     PRIMARY KEY (kind, value)
   ) STRICT, WITHOUT ROWID;`,
  `${operatorsStep}
   ${approvalsStep}`,
];

/** Virtual keys, the kill switch, operators and approvals. A revocation must survive a power cut. */
export const keyFile: FileKind<Statements> = {
  schema: { applicationId, steps },
  synchronous: 'FULL',
  prepare: prepareStatements,
};
