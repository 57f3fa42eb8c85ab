import type { AdminAction } from '../policy/operator-role.ts';
import { denyApproval, grantApproval, listApprovals, requestApproval, revokeApproval } from './approvals-api.ts';
import type { AdminHandler } from './admin-source.ts';
import { listOperators, revokeOperator } from './operators-api.ts';
import { readUsage } from './usage-api.ts';

/** One thing that can be asked. A POST has a body and no query, a GET the other way round. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST';
  /** Literal; `{id}` stands for ten letters and digits. */
  readonly path: string;
  readonly action: AdminAction;
  /** Names that the query may hold, each once. */
  readonly query: readonly string[];
  readonly handle: AdminHandler;
}

export const ADMIN_ROUTES: readonly AdminRoute[] = [
  { method: 'GET', path: '/admin/usage', action: 'usage read', query: ['from', 'to', 'by', 'format'], handle: readUsage },
  { method: 'GET', path: '/admin/approvals', action: 'approvals list', query: [], handle: listApprovals },
  { method: 'POST', path: '/admin/approvals', action: 'approvals request', query: [], handle: requestApproval },
  { method: 'POST', path: '/admin/approvals/{id}/grant', action: 'approvals grant', query: [], handle: grantApproval },
  { method: 'POST', path: '/admin/approvals/{id}/deny', action: 'approvals deny', query: [], handle: denyApproval },
  { method: 'POST', path: '/admin/approvals/{id}/revoke', action: 'approvals revoke', query: [], handle: revokeApproval },
  { method: 'GET', path: '/admin/operators', action: 'operators list', query: [], handle: listOperators },
  { method: 'POST', path: '/admin/operators/{id}/revoke', action: 'operators revoke', query: [], handle: revokeOperator },
];

export type FoundRoute =
  | { readonly kind: 'route'; readonly route: AdminRoute; readonly id: string }
  | { readonly kind: 'path_unknown' }
  | { readonly kind: 'method_not_allowed' };

const patterns = ADMIN_ROUTES.map((route) => ({ route, pattern: new RegExp(`^${route.path.replace('{id}', '([0-9A-Za-z]{10})')}$`) }));

/** Paths are compared to the byte: nothing is decoded, folded or normalised, so no two spellings lead to one page. */
export function findRoute(method: string, path: string): FoundRoute {
  const here = patterns.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ kind: 'route', route, id: match[1] ?? '' } as const];
  });
  if (here.length === 0) {
    return { kind: 'path_unknown' };
  }
  return here.find(({ route }) => route.method === method) ?? { kind: 'method_not_allowed' };
}
