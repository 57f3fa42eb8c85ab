import { describe, expect, it } from 'vitest';
import type { StandingApproval } from '../../../src/core/approval.ts';
import type { Caller } from '../../../src/core/caller.ts';
import type { Eventually } from '../../../src/core/eventually.ts';
import { requireApproval } from '../../../src/pipeline/require-approval.ts';
import { runStage } from '../../../src/pipeline/run-stage.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { prepareDecisions } from '../../../src/prepare.ts';
import { parseSettings } from '../../../src/config/load.ts';

const nowMs = 1_000;
const decisions = prepareDecisions(
  parseSettings(
    `
version: 1
listen: { grpc: unix:grpc.sock, sds: unix:sds.sock, admin: unix:admin.sock, health: 127.0.0.1:0 }
edge: { listen: 127.0.0.1:0, certificate: file:tls.pem }
store: sqlite:store.db
providers: { alpha: { api: openai, url: 'https://alpha.example', credential: none } }
models:
  large: { targets: [{ provider: alpha, model: large }], approval: required }
  small: { targets: [{ provider: alpha, model: small }] }
identity: { virtualKeys: { pepper: 'file:pepper' } }
policies: { standard: { models: ['*'] } }
teams: { finance: { policy: standard, clients: [ledger-app] } }
`,
    '/nowhere/sallyport.yaml',
  ),
);

const caller: Caller = {
  kind: 'key',
  key: 'KKKKKKKKKK',
  client: 'ledger-app',
  user: undefined,
  team: undefined,
  tier: undefined,
  issuer: undefined,
  jti: undefined,
  expiresAtMs: undefined,
  address: undefined,
};
const forFinance: StandingApproval = { model: 'large', subject: 'team', value: 'finance', expiresAtMs: nowMs + 1 };

const judge = (approvals: () => Eventually<readonly StandingApproval[]>, name = 'large', atMs = nowMs) =>
  runStage('decide', Date.now, 60_000, () =>
    requireApproval({ approvals: { approvals }, clock: () => atMs, settings: () => decisions }, caller, name, {
      needsApproval: decisions.models.get(name)?.needsApproval ?? true,
    }),
  );

const unasked = (): never => {
  throw new Error('asked');
};

describe('requireApproval', () => {
  it('does not ask the store about a model that needs none', async () => {
    expect(await judge(unasked, 'small')).toEqual({ kind: 'next', found: null });
    expect((await judge(unasked, 'large')).kind).toBe('fault');
  });

  it('goes by what is in force now, also for the team that lists the client', async () => {
    expect(await judge(() => [forFinance])).toEqual({ kind: 'next', found: null });
    expect(await judge(() => Promise.resolve([forFinance]))).toEqual({ kind: 'next', found: null });
    expect(await judge(() => [forFinance], 'large', nowMs + 1)).toMatchObject({ kind: 'deny', denial: { code: 'approval_required' } });
    expect(await judge(() => [])).toMatchObject({ kind: 'deny', denial: { code: 'approval_required' } });
  });

  it('takes a new list for what it is, not for the one before', async () => {
    const lists = [[forFinance], [], [forFinance]];
    const kinds: string[] = [];
    for (const list of lists) {
      kinds.push((await judge(() => list)).kind);
    }
    expect(kinds).toEqual(['next', 'deny', 'next']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new StoreError('unreachable');
      },
    ],
    ['rejects', () => Promise.reject(new StoreError('timeout'))],
  ])('cannot tell, which denies, where the store %s', async (_name, approvals) => {
    expect(await judge(approvals)).toMatchObject({ kind: 'fault', fault: { cause: 'store' } });
  });
});
