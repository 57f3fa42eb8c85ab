import { addressSubject } from '../../core/address.ts';
import type { Caller } from '../../core/caller.ts';
import type { LimitLevel, LimitRule, LimitSettings } from '../../core/limit.ts';

/** Every limit of the settings, indexed. */
export interface LimitTables extends LimitSettings {
  /** Of a policy: they count at the level that the policy is assigned to. */
  readonly policies: ReadonlyMap<string, readonly LimitRule[]>;
  /** Policies that charge a stream that was left by what was seen of it, not by what was held. */
  readonly observing: ReadonlySet<string>;
  readonly timeZoneOfTeam: ReadonlyMap<string, string>;
  /** False where nothing is limited at all: no exchange then asks the store. */
  readonly any: boolean;
}

/** Who is assigned which policy. */
export interface PolicyAssignments {
  readonly keyPolicy: string | undefined;
  readonly teams: ReadonlyMap<string, { readonly policy: string }>;
  readonly teamOfClient: ReadonlyMap<string, string>;
  readonly clients: ReadonlyMap<string, { readonly policy: string }>;
  readonly tiers: ReadonlyMap<string, { readonly policy: string }>;
}

/** A limit that an exchange falls under. */
export interface AppliedLimit {
  readonly level: LimitLevel;
  /** Which of the level: the team's name, the key's id. Empty for `global`. */
  readonly subject: string;
  readonly rule: LimitRule;
  readonly timeZone: string;
}

/** Every limit that an exchange of this caller with this model falls under, at all levels at once. */
export function applicableLimits(
  caller: Caller,
  model: string,
  assignments: PolicyAssignments,
  tables: LimitTables,
): readonly AppliedLimit[] {
  const subjects = subjectsOf(caller, assignments);
  const applied: AppliedLimit[] = [];
  const add = (level: LimitLevel, subject: string, rules: readonly LimitRule[] | undefined, timeZone: string): void => {
    for (const rule of rules ?? []) {
      if (rule.model === undefined || rule.model === model) {
        applied.push({ level, subject, rule, timeZone });
      }
    }
  };
  add('global', '', tables.global, tables.timeZone);
  add('model', model, tables.models.get(model), tables.timeZone);
  for (const { level, subject, team, policy } of subjects) {
    const zone = zoneOf(team, tables);
    add(level, subject, tables.each.get(level), zone);
    add(level, subject, policy === undefined ? undefined : tables.policies.get(policy), zone);
  }
  return applied;
}

/** True where every policy of the caller charges a stream that was left by what was seen of it: of several the stricter one decides. */
export function observesOnly(caller: Caller, assignments: PolicyAssignments, { observing }: LimitTables): boolean {
  const policies = subjectsOf(caller, assignments).flatMap(({ policy }) => policy ?? []);
  return policies.length > 0 && policies.every((policy) => observing.has(policy));
}

interface Subject {
  readonly level: LimitLevel;
  readonly subject: string;
  /** The team that the subject is always of. One that callers of several teams share has none: its budget has one calendar. */
  readonly team: string | undefined;
  readonly policy: string | undefined;
}

/** All callers whose address cannot be told count as one: everybody has one, and nobody gets past a limit by hiding it. */
const UNKNOWN_ADDRESS = 'unknown';

/** What a caller does not have is not limited by itself: a user of a key that names none counts with its key, client and team. */
function subjectsOf(caller: Caller, assignments: PolicyAssignments): readonly Subject[] {
  const { client, team, tier, user, key, address } = caller;
  const ownTeam = assignments.teamOfClient.get(client);
  const none = { team: undefined, policy: undefined };
  const subjects: readonly (Subject | undefined)[] = [
    // A token's team beside that of the settings, as for what they may do.
    teamSubject(team, assignments),
    ownTeam === team ? undefined : teamSubject(ownTeam, assignments),
    tier === undefined ? undefined : { ...none, level: 'tier', subject: tier, policy: assignments.tiers.get(tier)?.policy },
    { level: 'client', subject: client, team: ownTeam, policy: assignments.clients.get(client)?.policy },
    user === undefined ? undefined : { ...none, level: 'user', subject: user },
    key === undefined ? undefined : { level: 'key', subject: key, team, policy: assignments.keyPolicy },
    { ...none, level: 'address', subject: address === undefined ? UNKNOWN_ADDRESS : addressSubject(address) },
  ];
  return subjects.filter((subject) => subject !== undefined);
}

const teamSubject = (team: string | undefined, { teams }: PolicyAssignments): Subject | undefined =>
  team === undefined ? undefined : { level: 'team', subject: team, team, policy: teams.get(team)?.policy };

const zoneOf = (team: string | undefined, { timeZoneOfTeam, timeZone }: LimitTables): string => timeZoneOfTeam.get(team ?? '') ?? timeZone;
