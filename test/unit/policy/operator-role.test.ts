import { describe, expect, it } from 'vitest';
import { isOperatorRole, OPERATOR_ROLES } from '../../../src/core/operator.ts';
import { ADMIN_ACTIONS, mayDo, type AdminAction } from '../../../src/policy/operator-role.ts';

/** Written out by hand: what each role may do, and nothing else. */
const MATRIX: Readonly<Record<AdminAction, readonly [viewer: boolean, approver: boolean, admin: boolean]>> = {
  'usage read': [true, true, true],
  'approvals list': [true, true, true],
  'approvals request': [true, true, true],
  'approvals grant': [false, true, true],
  'approvals deny': [false, true, true],
  'approvals revoke': [false, true, true],
  'operators list': [false, false, true],
  'operators revoke': [false, false, true],
};

describe('X7: what a role may do', () => {
  it('is said of every action', () => {
    expect(Object.keys(ADMIN_ACTIONS)).toEqual(Object.keys(MATRIX));
    expect(OPERATOR_ROLES).toEqual(['viewer', 'approver', 'admin']);
  });

  const rows = actionsOf(MATRIX).flatMap((action) => OPERATOR_ROLES.map((role, index) => [role, action, MATRIX[action][index]] as const));

  it.each(rows)('%s, %s: %j', (role, action, allowed) => {
    expect(mayDo(role, action)).toBe(allowed);
  });

  it('is nothing for a role that is none', () => {
    expect(['root', 'Admin', '', '__proto__', 'viewer '].map(isOperatorRole)).toEqual([false, false, false, false, false]);
  });
});

function actionsOf(matrix: Readonly<Record<AdminAction, unknown>>): readonly AdminAction[] {
  const isAction = (text: string): text is AdminAction => Object.hasOwn(matrix, text);
  return Object.keys(matrix).filter(isAction);
}
