import type { StandingApproval } from '../core/approval.ts';
import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { next, type Outcome } from '../core/outcome.ts';
import { indexApprovals, judgeApproval, type ApprovalTable } from '../policy/approval.ts';
import type { DecisionModel, Ports } from './ports.ts';

/** The store hands out the same list until something changes: it is indexed once. */
const tables = new WeakMap<readonly StandingApproval[], ApprovalTable>();

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

function tableOf(standing: readonly StandingApproval[]): ApprovalTable {
  const known = tables.get(standing);
  if (known !== undefined) {
    return known;
  }
  const table = indexApprovals(standing);
  tables.set(standing, table);
  return table;
}
