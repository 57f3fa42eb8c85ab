import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { Operator } from '../core/operator.ts';
import type { AdminAction } from '../policy/operator-role.ts';
import type { ApprovalStore } from '../ports/approvals.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { OperatorStore } from '../ports/operators.ts';
import type { AdminAnswer } from './admin-answer.ts';

/** Everything that the admin API may use of the world. It reads and writes data: nothing here runs a command or changes the settings. */
export interface AdminSource {
  readonly store: OperatorStore & ApprovalStore;
  readonly ledger: Pick<Ledger, 'spending'>;
  /** Of a token, under the pepper; undefined while the pepper is not known. */
  readonly digest: (token: string) => string | undefined;
  /** Those in force. */
  readonly settings: () => Pick<Settings, 'models' | 'teams'>;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Called once a call, whatever it came to. */
  readonly record: (call: AdminRecord) => void;
}

/** A call that is over: named facts, chosen one by one. Nothing of a token or a body. */
export interface AdminRecord {
  /** Undefined where no operator was proven. */
  readonly operator: string | undefined;
  /** Id of the operator's token. */
  readonly token: string | undefined;
  /** Undefined where nothing was found that could be asked. */
  readonly action: AdminAction | undefined;
  /** Id of the approval or token that it was about. */
  readonly target: string | undefined;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
  /** For our own eyes: what was thrown. */
  readonly detail: string | undefined;
  readonly status: number;
}

/** A call of an operator who may make it. */
export interface AdminCall {
  readonly operator: Operator;
  /** The id in the path; empty where the path has none. */
  readonly id: string;
  readonly query: ReadonlyMap<string, string>;
  /** Parsed JSON; undefined where the action takes no body. */
  readonly body: unknown;
  readonly nowMs: number;
}

export type AdminHandler = (source: AdminSource, call: AdminCall) => Promise<AdminAnswer>;
