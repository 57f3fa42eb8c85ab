import { randomBytes } from 'node:crypto';
import { openKeyStore, type KeyStore } from '../../../src/adapters/sqlite/key-store.ts';
import type { Command, CommandContext } from '../../../src/cli/command.ts';
import { Secret } from '../../../src/core/secret.ts';
import { openMemoryLedger } from '../../support/memory-ledger.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** 2026-11-21, noon UTC. */
export const nowMs = Date.UTC(2026, 10, 21, 12);

export const pepper = 'a pepper of some length for tests';

/** As long as the settings take one. */
export const longIssuer = `https://idp.example/${'i'.repeat(492)}`;

/** Commands on a real store in a fresh directory. */
export function startCommands(changes: Partial<CommandContext> = {}) {
  const directory = makeTempDir();
  const path = directory.file('store.db');
  const ledger = openMemoryLedger(nowMs);
  let opened = 0;
  const openStore = (): Promise<KeyStore> => {
    opened += 1;
    // Nobody waits at a door here, and a busy machine may be slow to answer.
    return openKeyStore({ path, readWaitMs: 10_000 });
  };

  const run = async (command: Command, ...args: string[]): Promise<Ran> => {
    let stdout = '';
    let stderr = '';
    const code = await command.run(args, {
      stdout: (text) => (stdout += text),
      stderr: (text) => (stderr += text),
      now: () => nowMs,
      randomBytes,
      openStore,
      pepper: () => Promise.resolve(new Secret(pepper)),
      openLedger: () => Promise.resolve(ledger.open()),
      adminSockets: () => Promise.resolve([]),
      environment: () => undefined,
      settings: () =>
        Promise.resolve({
          policies: new Map([['premium', {}]]),
          teams: new Map([['finance', { clients: ['ledger-app'] }]]),
          clients: new Map([['billing', {}]]),
          tiers: new Map([['gold', {}]]),
          models: new Map([
            ['gpt-4o', {}],
            ['gpt-4o-mini', {}],
          ]),
          identity: {
            issuers: [{ issuer: 'https://idp.example/' }, { issuer: longIssuer }],
            principals: new Map([['spiffe://example/batch', 'batch']]),
          },
        }),
      ...changes,
    });
    return { code, stdout, stderr };
  };

  return { run, openStore, ledger, storesOpened: () => opened, remove: directory.remove };
}
