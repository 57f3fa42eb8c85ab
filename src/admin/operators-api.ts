import { z } from 'zod';
import { operatorView } from '../policy/operator-view.ts';
import { json, refuse } from './admin-answer.ts';
import { parseBody } from './admin-body.ts';
import type { AdminHandler } from './admin-source.ts';

/** Nothing is asked for beside the path. */
const emptyShape = z.strictObject({});

export const listOperators: AdminHandler = async ({ store }, { nowMs }) =>
  json({ operators: (await store.listOperators()).map((record) => operatorView(record, nowMs)) });

export const revokeOperator: AdminHandler = async ({ store }, { id, body, nowMs }) => {
  const parsed = parseBody(emptyShape, body);
  if (parsed.kind === 'refused') {
    return parsed;
  }
  await store.revokeOperator(id, nowMs);
  const record = await store.findOperator(id);
  return record === undefined ? refuse('operator_unknown') : json(operatorView(record, nowMs));
};
