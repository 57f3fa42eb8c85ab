import { METADATA } from '../core/headers.ts';

const operators = {
  operators: [
    { command: 'REQ', param: 'x-request-id' },
    { command: 'DYNAMIC_METADATA', param: `${METADATA.decision}:exchange` },
  ],
};

/**
 * Envoy's command for the exchange as the sidecar's log names it. Providers get no request id, and the header map of an attempt is the
 * request's own.
 */
export const EXCHANGE_ID = `%COALESCE(${JSON.stringify(operators)})%`;
