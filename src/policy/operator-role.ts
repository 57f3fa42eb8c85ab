import type { OperatorRole } from '../core/operator.ts';

/**
 * Everything that the admin API can be asked, and which roles may ask it. Nothing here makes an operator: one who could make others could
 * be both of the two people that an approval takes.
 */
export const ADMIN_ACTIONS = {
  'usage read': ['viewer', 'approver', 'admin'],
  'approvals list': ['viewer', 'approver', 'admin'],
  'approvals request': ['viewer', 'approver', 'admin'],
  'approvals grant': ['approver', 'admin'],
  'approvals deny': ['approver', 'admin'],
  'approvals revoke': ['approver', 'admin'],
  'operators list': ['admin'],
  'operators revoke': ['admin'],
} as const satisfies Readonly<Record<string, readonly OperatorRole[]>>;

export type AdminAction = keyof typeof ADMIN_ACTIONS;

export const mayDo = (role: OperatorRole, action: AdminAction): boolean => ADMIN_ACTIONS[action].some((allowed) => allowed === role);
