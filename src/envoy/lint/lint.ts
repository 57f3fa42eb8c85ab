import type { Settings } from '../../config/settings.ts';
import { AGREEMENT, judgeAgreement } from './agreement.ts';
import { ATTEMPTS, judgeAttempts } from './attempts.ts';
import { AUTHZ, judgeAuthz } from './authz.ts';
import { BYPASS, judgeBypass } from './bypass.ts';
import { CHAIN, judgeChain } from './chain.ts';
import { CLUSTER_STAGES, judgeClusterStages } from './cluster-stages.ts';
import { EDGE, judgeEdge } from './edge.ts';
import { FAIL_OPEN, judgeFailOpen } from './fail-open.ts';
import type { Finding, Table } from './finding.ts';
import { inspect } from './inspection.ts';
import { judgeLimits, LIMITS } from './limits.ts';
import { buildModel } from './model.ts';
import { judgePasted, PASTED } from './pasted.ts';
import { judgePerRoute, PER_ROUTE } from './per-route.ts';
import { judgePrinted, PRINTED } from './printed.ts';
import { judgeProcs, PROC } from './proc.ts';
import { judgeRoutes, ROUTES } from './routes.ts';
import { judgeServer, SERVER } from './server.ts';
import { judgeSidecarClusters, SIDECAR_CLUSTERS } from './sidecar-clusters.ts';
import { readSources } from './sources.ts';
import { judgeKeyLogs, judgeUpstream, UPSTREAM } from './upstream.ts';

/** Every finding there is, by its id. */
export const FINDINGS: Table = {
  ...FAIL_OPEN,
  ...PER_ROUTE,
  ...CHAIN,
  ...BYPASS,
  ...AUTHZ,
  ...PROC,
  ...ROUTES,
  ...CLUSTER_STAGES,
  ...ATTEMPTS,
  ...UPSTREAM,
  ...SIDECAR_CLUSTERS,
  ...LIMITS,
  ...EDGE,
  ...PRINTED,
  ...PASTED,
  ...SERVER,
  ...AGREEMENT,
};

const RULES = [
  judgeFailOpen,
  judgePerRoute,
  judgeChain,
  judgeBypass,
  judgeAuthz,
  judgeProcs,
  judgeRoutes,
  judgeClusterStages,
  judgeAttempts,
  judgeUpstream,
  judgeKeyLogs,
  judgeSidecarClusters,
  judgeLimits,
  judgeEdge,
  judgePrinted,
  judgePasted,
  judgeServer,
  judgeAgreement,
] as const;

export interface LintOptions {
  /** Discovery files that the bootstrap names, parsed: `lds.yaml`, `cds.yaml`. */
  readonly resources?: readonly unknown[];
  /** The settings that the configuration should have been made from. */
  readonly settings?: Settings;
}

/**
 * What is unsafe or amiss in an Envoy configuration: a parsed bootstrap file, or the parsed answer of an admin
 * `/config_dump`. Errors first; no finding means that none of the rules has one. Throws `NestingError` for a value that is
 * nested too deeply to be a configuration.
 */
export function lintEnvoy(config: unknown, options: LintOptions = {}): readonly Finding[] {
  const inspection = inspect(buildModel(readSources(config, options.resources ?? [])), options.settings);
  const found = new Map<string, Finding>();
  for (const rule of RULES) {
    for (const finding of rule(inspection)) {
      found.set(`${finding.id} ${finding.where} ${finding.message}`, finding);
    }
  }
  const all = [...found.values()];
  return [...all.filter(({ severity }) => severity === 'error'), ...all.filter(({ severity }) => severity === 'warning')];
}
