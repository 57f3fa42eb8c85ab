import { DENIALS, FAULT_ROW, type ANSWER_FAULT_ROW } from '../core/denials.ts';
import type { Denied, Faulted } from '../core/outcome.ts';
import { REPLY_DETAILS_PREFIX, REQUEST_ID_HEADERS } from '../core/headers.ts';
import { apiOfPath } from '../policy/llm/endpoint.ts';
import { errorBody } from '../policy/llm/error-body.ts';
import { OVERWRITE_OR_ADD, type CheckResponseMessage, type HeaderValueOptionMessage, type ProcessingResponseMessage } from './messages.ts';

/** A refusal in the shape of the API that was called. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly body: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The request that is answered. */
export interface Asked {
  readonly path: string;
  /** Empty where Envoy said none. */
  readonly exchangeId: string;
}

/** `fault`: what a client is told where we could not decide. */
export function refusalOf(outcome: Denied | Faulted, asked: Asked, fault: typeof FAULT_ROW | typeof ANSWER_FAULT_ROW = FAULT_ROW): Refusal {
  const api = apiOfPath(asked.path);
  const named = requestIdOf(asked);
  if (outcome.kind === 'fault') {
    return { status: fault.status, code: fault.code, body: errorBody(api, fault), headers: named };
  }
  const { code, publicHint, headers = [] } = outcome.denial;
  const row = { code, ...DENIALS[code] };
  return { status: row.status, code, body: errorBody(api, row, publicHint), headers: [...headers, ...named] };
}

/** By this id the log knows the exchange. */
export const requestIdOf = ({ path, exchangeId }: Asked): Refusal['headers'] =>
  exchangeId === '' ? [] : [[REQUEST_ID_HEADERS[apiOfPath(path)], exchangeId]];

/** google.rpc.Code UNAUTHENTICATED; ext_authz only asks whether it is 0. */
const rpcUnauthenticated = 16;

export const refuseCheck = (refusal: Refusal): CheckResponseMessage => ({
  status: { code: rpcUnauthenticated },
  denied_response: {
    status: { code: refusal.status },
    headers: [textHeader('content-type', 'application/json'), ...refusal.headers.map(([name, value]) => textHeader(name, value))],
    body: refusal.body,
  },
});

export const refuseProcessing = (refusal: Refusal): ProcessingResponseMessage =>
  answerProcessing(refusal.status, refusal.code, refusal.body, refusal.headers);

/** An answer of our own instead of a provider's. The status is always said: an unset one would become 200. */
export const answerProcessing = (status: number, code: string, body: string, headers: Refusal['headers']): ProcessingResponseMessage => ({
  immediate_response: {
    status: { code: status },
    headers: { set_headers: [rawHeader('content-type', 'application/json'), ...headers.map(([name, value]) => rawHeader(name, value))] },
    body: Buffer.from(body),
    details: `${REPLY_DETAILS_PREFIX}_${code}`,
  },
});

/** ext_authz reads `value`. */
const textHeader = (key: string, value: string): HeaderValueOptionMessage => ({ header: { key, value }, append_action: OVERWRITE_OR_ADD });

/** ext_proc reads `raw_value`, and takes both for an error. */
export const rawHeader = (key: string, value: string): HeaderValueOptionMessage => ({
  header: { key, raw_value: Buffer.from(value, 'latin1') },
  append_action: OVERWRITE_OR_ADD,
});
