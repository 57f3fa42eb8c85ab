import type { StepRefusal } from '../policy/approval-steps.ts';

interface ErrorRow {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 500 | 503;
  /** Says what to do next. */
  readonly text: string;
}

/** Everything that an operator can be told by the admin API. */
export const ADMIN_ERRORS = {
  credential_missing: { status: 401, text: 'Send an operator token as "Authorization: Bearer op_...".' },
  credential_ambiguous: { status: 401, text: 'Send exactly one Authorization header.' },
  credential_invalid: {
    status: 401,
    text: 'This is no operator token of ours. "sallyport operators create" makes one; a virtual key is none.',
  },
  credential_expired: { status: 401, text: 'The token has expired. Ask for another: "sallyport operators create".' },
  credential_revoked: { status: 401, text: 'The token has been revoked.' },
  role_insufficient: {
    status: 403,
    text: 'The role of this operator does not allow this. Roles are given by "sallyport operators create".',
  },
  path_unknown: { status: 404, text: 'There is no such page. Paths are exact: /admin/usage, /admin/approvals, /admin/operators.' },
  method_not_allowed: { status: 405, text: 'This page does not take this method.' },
  query_invalid: { status: 400, text: 'The query cannot be used.' },
  body_unexpected: { status: 400, text: 'This request takes no body.' },
  body_too_large: { status: 413, text: 'The body is over 64 KiB.' },
  body_incomplete: { status: 400, text: 'The body did not arrive whole.' },
  body_invalid: { status: 400, text: 'The body must be one JSON object that has one reading.' },
  content_type_unsupported: { status: 415, text: 'Send the body as "Content-Type: application/json".' },
  field_invalid: { status: 400, text: 'A field of the body cannot be used.' },
  model_unknown: { status: 400, text: 'The settings declare no such model.' },
  approval_not_needed: {
    status: 409,
    text: 'This model needs no approval: "approval: required" of the model in the settings asks for one.',
  },
  team_unknown: { status: 400, text: 'The settings declare no such team.' },
  approval_unknown: { status: 404, text: 'There is no such approval: GET /admin/approvals lists those there are.' },
  own_request: { status: 403, text: 'Whoever asked for an approval cannot grant it: another operator must.' },
  not_open: { status: 409, text: 'This request is not open (any more): it was decided, or lapsed after 30 days.' },
  not_in_force: { status: 409, text: 'This approval is not in force, so there is nothing to revoke.' },
  duration_invalid: { status: 400, text: 'An approval lasts from 1m to 90d: name a shorter time, and ask again when it ends.' },
  operator_unknown: { status: 404, text: 'There is no such token: GET /admin/operators lists those there are.' },
  report_too_large: { status: 400, text: 'This report has over 10000 rows: ask for fewer days or names, or run "sallyport usage".' },
  store_refused: { status: 409, text: 'The store refused this; nothing was changed.' },
  store_unavailable: { status: 503, text: 'The store did not answer. It may have been done: look before you try again.' },
  pepper_unknown: { status: 503, text: 'Tokens cannot be checked now: the pepper is not known. Retry shortly.' },
  internal: { status: 500, text: 'This is a defect of the program. Please report it.' },
} as const satisfies Record<StepRefusal, ErrorRow> & Record<string, ErrorRow>;

export type AdminErrorCode = keyof typeof ADMIN_ERRORS;
