import type { ApiFamily } from '../../core/operation.ts';

/** What a client is told: a row of the denial table, or the one for faults. */
export interface ErrorRow {
  readonly code: string;
  readonly status: number;
  readonly text: string;
}

// OpenAI's API gives this type to nearly every 4xx, a bad key and a model out of scope included; its clients go by the status.
const OPENAI_TYPES: ReadonlyMap<number, string> = new Map([[429, 'rate_limit_error']]);

// platform.claude.com/docs/en/api/errors
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'timeout_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

const openaiType = (status: number): string => OPENAI_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'server_error');

const anthropicType = (status: number): string => ANTHROPIC_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');

const SHAPES: Readonly<Record<ApiFamily, (row: ErrorRow, message: string) => object>> = {
  openai: (row, message) => ({ error: { message, type: openaiType(row.status), param: null, code: row.code } }),
  anthropic: (row, message) => ({ type: 'error', error: { type: anthropicType(row.status), message } }),
};

/** `hint`, where there is one, follows the row's text. */
export const errorMessage = ({ text }: ErrorRow, hint?: string): string => (hint === undefined ? text : `${text} ${hint}`);

/** An error in the shape of the API that was called. */
export const errorObject = (api: ApiFamily, row: ErrorRow, hint?: string): object => SHAPES[api](row, errorMessage(row, hint));

/** The same as JSON text. */
export const errorBody = (api: ApiFamily, row: ErrorRow, hint?: string): string => JSON.stringify(errorObject(api, row, hint));
