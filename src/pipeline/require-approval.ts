import type { StandingApproval } from '../core/approval.ts';
import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { oncePer } from '../core/once-per.ts';
import { next, type Outcome } from '../core/outcome.ts';
import { indexApprovals, judgeApproval } from '../policy/approval.ts';
import type { DecisionModel, Ports } from './ports.ts';

/** The store hands out the same list until something changes: it is indexed once. */
const tableOf = oncePer((standing: readonly StandingApproval[]) => indexApprovals(standing));

/** May this caller use a model that needs an approval? Asked at the decision, since a slow upload can outlast an approval. */
export const requireApproval = (
  ports: Pick<Ports, 'approvals' | 'clock' | 'settings'>,
  { key, client, user, team }: Caller,
  name: string,
  model: Pick<DecisionModel, 'needsApproval'>,
): Eventually<Outcome<null>> => {
  if (!model.needsApproval) {
    return next(null);
  }
  const { access } = ports.settings();
  const holder = { key, client, user, team, teamOfClient: access.teamOfClient.get(client) };
  return when(ports.approvals.approvals(), (standing) => judgeApproval(tableOf(standing), holder, name, ports.clock()));
};
