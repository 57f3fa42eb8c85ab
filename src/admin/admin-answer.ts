import type { ServerResponse } from 'node:http';
import { never } from '../core/assert.ts';
import { ADMIN_ERRORS, type AdminErrorCode } from './admin-errors.ts';

/** What a call comes to. */
export type AdminAnswer =
  | { readonly kind: 'json'; readonly status: 200 | 201; readonly value: unknown }
  | { readonly kind: 'csv'; readonly text: string }
  | AdminRefusal;

/** `hint` follows the text of the code: it names what was wrong, in our words or the operator's own. */
export interface AdminRefusal {
  readonly kind: 'refused';
  readonly code: AdminErrorCode;
  readonly hint: string | undefined;
}

export const json = (value: unknown): AdminAnswer => ({ kind: 'json', status: 200, value });
export const created = (value: unknown): AdminAnswer => ({ kind: 'json', status: 201, value });
export const refuse = (code: AdminErrorCode, hint?: string): AdminRefusal => ({ kind: 'refused', code, hint });

export function statusOf(answer: AdminAnswer): number {
  switch (answer.kind) {
    case 'json':
      return answer.status;
    case 'csv':
      return 200;
    case 'refused':
      return ADMIN_ERRORS[answer.code].status;
    default:
      return never(answer);
  }
}

export function sendAnswer(response: ServerResponse, answer: AdminAnswer): void {
  switch (answer.kind) {
    case 'json':
      send(response, answer, 'application/json', toText(answer.value));
      break;
    case 'csv':
      send(response, answer, 'text/csv; charset=utf-8; header=present', answer.text);
      break;
    case 'refused': {
      const { text } = ADMIN_ERRORS[answer.code];
      const message = answer.hint === undefined ? text : `${text} ${answer.hint}`;
      send(response, answer, 'application/json', toText({ error: { code: answer.code, message } }));
      break;
    }
    default:
      never(answer);
  }
}

const toText = (value: unknown): string => `${JSON.stringify(value)}\n`;

function send(response: ServerResponse, answer: AdminAnswer, contentType: string, body: string): void {
  response
    .writeHead(statusOf(answer), {
      'content-type': contentType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // One call a connection: what is left of a body that was refused is never taken for the next call.
      connection: 'close',
    })
    .end(body);
}
