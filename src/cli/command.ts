import type { Clock } from '../core/clock.ts';
import type { Secret } from '../core/secret.ts';
import type { KeyAdmin } from '../ports/key-store.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { OperatorStore } from '../ports/operators.ts';

/** What scripts can tell apart: done; refused, not found or failed; called wrongly. */
export const EXIT = { done: 0, refused: 1, usage: 2 } as const;

/** The names that the settings declare; `Settings` has this shape. */
export interface DeclaredNames {
  readonly policies: ReadonlyMap<string, unknown>;
  readonly teams: ReadonlyMap<string, { readonly clients: readonly string[] }>;
  readonly clients: ReadonlyMap<string, unknown>;
  readonly tiers: ReadonlyMap<string, unknown>;
  readonly models: ReadonlyMap<string, unknown>;
  readonly identity: {
    readonly issuers: readonly { readonly issuer: string }[];
    readonly principals: ReadonlyMap<string, string> | undefined;
  };
}

export interface AdminStore extends KeyAdmin, OperatorStore {
  close(): Promise<void>;
}

export interface AdminLedger extends Ledger {
  close(): Promise<void>;
}

/** Everything a command needs of the world; `main` hands it in, so that commands import no adapter. */
export interface CommandContext {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly now: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Makes one where there is none, unless it `mustExist`. Throws `StoreError`. The command closes what it opened. */
  readonly openStore: (mustExist?: boolean) => Promise<AdminStore>;
  /** As `openStore`, for holds and what was spent. */
  readonly openLedger: () => Promise<AdminLedger>;
  readonly pepper: () => Promise<Secret>;
  readonly settings: () => Promise<DeclaredNames>;
  /** Paths of the sockets of the admin API. */
  readonly adminSockets: () => Promise<readonly string[]>;
  /** A variable of the environment; undefined where it is not set. */
  readonly environment: (name: string) => string | undefined;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly usage: string;
  /** `args` are those after the command's name. Resolves to the exit code; throws only what is a defect or a broken environment. */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<number>;
}
