import { CHAIN_AND_STAGES } from './broken-chain.ts';
import { CLUSTERS } from './broken-clusters.ts';
import { EDGE } from './broken-edge.ts';
import type { Broken } from './broken-places.ts';
import { ROUTES_AND_OUTPUT } from './broken-routes.ts';

/** At least one for each finding that the files of a configuration can have. */
export const BROKEN: readonly Broken[] = [...CHAIN_AND_STAGES, ...CLUSTERS, ...EDGE, ...ROUTES_AND_OUTPUT];
