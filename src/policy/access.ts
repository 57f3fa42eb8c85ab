import type { Caller } from '../core/caller.ts';
import type { Operation } from '../core/operation.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';
import { inNetworks } from '../core/address.ts';
import type { InjectionRule } from '../core/injection.ts';
import type { MaskingRule } from '../core/masking.ts';
import { modelsMatching } from './model-scope.ts';

/** What one level grants. `undefined` = this level does not narrow it. */
export interface Grant {
  readonly models: ReadonlySet<string> | undefined;
  readonly operations: ReadonlySet<Operation> | undefined;
  readonly providers: ReadonlySet<string> | undefined;
  readonly networks: readonly string[] | undefined;
  /** What must be hidden; of several grants all of it. */
  readonly masking: MaskingRule | undefined;
  readonly injection: InjectionRule | undefined;
  /** The policy that grants; undefined where a team, a client or a key narrows. */
  readonly policy: string | undefined;
}

/** The part of the settings that says who gets which policy. */
export interface AccessSettings {
  readonly models: ReadonlyMap<string, unknown>;
  readonly policies: ReadonlyMap<
    string,
    {
      readonly models: readonly string[];
      readonly operations: readonly Operation[] | undefined;
      readonly providers: readonly string[] | undefined;
      readonly networks: readonly string[] | undefined;
      readonly masking: MaskingRule | undefined;
      readonly injection: InjectionRule | undefined;
    }
  >;
  readonly teams: ReadonlyMap<string, Assignment & { readonly clients: readonly string[] }>;
  readonly clients: ReadonlyMap<string, Assignment>;
  readonly tiers: ReadonlyMap<string, { readonly policy: string }>;
}

interface Assignment {
  readonly policy: string;
  readonly networks: readonly string[] | undefined;
}

/** The settings, indexed once so that a request does look-ups only. */
export interface AccessTables {
  readonly declared: ReadonlySet<string>;
  readonly policies: ReadonlyMap<string, Grant>;
  readonly teams: ReadonlyMap<string, Assignment>;
  readonly teamOfClient: ReadonlyMap<string, string>;
  readonly clients: ReadonlyMap<string, Assignment>;
  readonly tiers: ReadonlyMap<string, { readonly policy: string }>;
}

/** The scope that a virtual key carries itself, beside the policies of its team, client and tier. */
export interface KeyScope {
  readonly policy: string | undefined;
  readonly models: readonly string[] | undefined;
  readonly operations: readonly Operation[] | undefined;
  readonly networks: readonly string[] | undefined;
}

/** Everything that bounds one caller. A thing is allowed only where every grant allows it: levels narrow, none widens. */
export type Access = readonly Grant[];

export function prepareAccess(settings: AccessSettings): AccessTables {
  const declared = new Set(settings.models.keys());
  return {
    declared,
    policies: new Map(
      [...settings.policies].map(([name, policy]) => [
        name,
        {
          models: modelsMatching(policy.models, declared),
          operations: policy.operations === undefined ? undefined : new Set(policy.operations),
          providers: policy.providers === undefined ? undefined : new Set(policy.providers),
          networks: policy.networks,
          masking: policy.masking,
          injection: policy.injection,
          policy: name,
        },
      ]),
    ),
    teams: settings.teams,
    teamOfClient: new Map([...settings.teams].flatMap(([team, entry]) => entry.clients.map((client): [string, string] => [client, team]))),
    clients: settings.clients,
    tiers: settings.tiers,
  };
}

/** What a key's record last led to, for whom, by which tables. */
interface Collected extends Pick<Caller, 'client' | 'team' | 'tier'> {
  readonly tables: AccessTables;
  readonly access: Outcome<Access>;
}

/** A record is never changed, only replaced: with it goes what was collected. Three stages of every exchange ask. */
const collectedOf = new WeakMap<KeyScope, Collected>();

/**
 * Collects what bounds the caller: the policies of key, client, team and tier, and the networks of client and team.
 * No policy at all = deny; a policy, team or tier that is named but not declared (any more) = deny, never "no limit".
 */
export function judgeAccess(caller: Caller, scope: KeyScope | undefined, tables: AccessTables): Outcome<Access> {
  if (scope === undefined) {
    return collect(caller, scope, tables);
  }
  const { client, team, tier } = caller;
  const known = collectedOf.get(scope);
  if (known?.tables === tables && known.client === client && known.team === team && known.tier === tier) {
    return known.access;
  }
  const access = collect(caller, scope, tables);
  collectedOf.set(scope, { tables, client, team, tier, access });
  return access;
}

function collect(caller: Caller, scope: KeyScope | undefined, tables: AccessTables): Outcome<Access> {
  // What an undeclared one would have narrowed is not known.
  return isDeclared(caller.team, tables.teams) && isDeclared(caller.tier, tables.tiers)
    ? collectDeclared(caller, scope, tables)
    : deny('policy_missing', 'the team or tier that the credential names is not declared');
}

const isDeclared = (name: string | undefined, declared: ReadonlyMap<string, unknown>): boolean => name === undefined || declared.has(name);

function collectDeclared(caller: Caller, scope: KeyScope | undefined, tables: AccessTables): Outcome<Access> {
  const client = tables.clients.get(caller.client);
  // A token's team beside that of the settings: an issuer must not lift what the operator narrowed.
  const teams = [caller.team, tables.teamOfClient.get(caller.client)].map((name) => tables.teams.get(name ?? ''));
  const tier = tables.tiers.get(caller.tier ?? '');
  const policies = judgePolicies([scope?.policy, client?.policy, ...teams.map((team) => team?.policy), tier?.policy], tables);
  if (policies.kind !== 'next') {
    return policies;
  }
  const networks = [client?.networks, ...teams.map((team) => team?.networks)].filter((each) => each !== undefined);
  return next([
    ...policies.found,
    ...networks.map((each): Grant => ({
      models: undefined,
      operations: undefined,
      providers: undefined,
      networks: each,
      masking: undefined,
      injection: undefined,
      policy: undefined,
    })),
    ...(scope === undefined ? [] : [grantOfKey(scope, tables)]),
  ]);
}

function judgePolicies(assigned: readonly (string | undefined)[], tables: AccessTables): Outcome<readonly Grant[]> {
  const grants: Grant[] = [];
  for (const name of assigned) {
    const grant = name === undefined ? undefined : tables.policies.get(name);
    if (name !== undefined && grant === undefined) {
      return deny('policy_missing', `policy ${name} is not declared`);
    }
    if (grant !== undefined && !grants.includes(grant)) {
      grants.push(grant);
    }
  }
  return grants.length === 0 ? deny('policy_missing', 'no policy by key, client, team or tier') : next(grants);
}

const grantOfKey = (scope: KeyScope, tables: AccessTables): Grant => ({
  models: scope.models === undefined ? undefined : modelsMatching(scope.models, tables.declared),
  operations: scope.operations === undefined ? undefined : new Set(scope.operations),
  providers: undefined,
  networks: scope.networks,
  masking: undefined,
  injection: undefined,
  policy: undefined,
});

/** An address that could not be told is in no network. */
export function judgeNetwork(access: Access, address: string | undefined): Outcome<null> {
  const outside = access.some((grant) => grant.networks !== undefined && (address === undefined || !inNetworks(address, grant.networks)));
  return outside ? deny('network_not_allowed', address ?? 'address unknown') : next(null);
}

export function judgeOperation(access: Access, operation: Operation): Outcome<null> {
  return access.every((grant) => grant.operations?.has(operation) ?? true)
    ? next(null)
    : deny('operation_not_allowed', operation, `The operation is "${operation}".`);
}

/** The same answer for an undeclared model and a forbidden one: a caller learns no names it may not use. */
export function judgeModel(access: Access, tables: AccessTables, model: string): Outcome<null> {
  return tables.declared.has(model) && allowsModel(access, model) ? next(null) : deny('model_not_allowed', model);
}

export const allowsModel = (access: Access, model: string): boolean => access.every((grant) => grant.models?.has(model) ?? true);

export const allowsProvider = (access: Access, provider: string): boolean =>
  access.every((grant) => grant.providers?.has(provider) ?? true);
