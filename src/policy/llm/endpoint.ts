import { CREDENTIAL_QUERY_PARAMETERS } from '../../core/headers.ts';
import { ENDPOINTS } from '../../core/operation.ts';
import type { ApiFamily, Endpoint } from '../../core/operation.ts';
import { deny, next } from '../../core/outcome.ts';
import type { Outcome } from '../../core/outcome.ts';
import { foldName, forbiddenBy } from './forbidden-fields.ts';

const queryBytesMax = 256;
const carriedQuery = /^[A-Za-z0-9_.=&-]*$/;

const ENDPOINT_OF_PATH: ReadonlyMap<string, Endpoint> = new Map(ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]));
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set(CREDENTIAL_QUERY_PARAMETERS);

/** The query of `:path` with its question mark, to be sent on as it is once the path was judged; empty where there is none. */
export function queryOf(path: string): string {
  const mark = path.indexOf('?');
  return mark < 0 ? '' : path.slice(mark);
}

/** A parameter's name as a lenient server would read it: escapes resolved, in lower case. */
function parameterName(parameter: string): string {
  const name = parameter.replace(/=.*$/s, '');
  return name.replaceAll(/%([0-9a-f]{2})/gi, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))).toLowerCase();
}

const carriesCredential = (query: string): boolean =>
  query.split(/[&;]/).some((parameter) => CREDENTIAL_PARAMETERS.has(parameterName(parameter)));

/** LiteLLM, for one, takes the model from the query before that of the body, which is what was judged. */
function forbiddenParameter(query: string): string | undefined {
  const names = query.split('&').map((parameter) => foldName(parameterName(parameter)));
  return names.map((name) => (name === 'model' ? name : forbiddenBy(name))).find((rule) => rule !== undefined);
}

/** Which API's error shape a client expects, for any path at all: it speaks Anthropic's below `/v1/messages`, else OpenAI's. */
export const apiOfPath = (path: string): ApiFamily => (/^\/v1\/messages(?![\w-])/.test(path) ? 'anthropic' : 'openai');

/**
 * The endpoint that a request is for. The path must be one of `ENDPOINTS` to the byte: what is authorised here is what is routed, so
 * no other spelling is taken for one of them. A query may hold simple parameters (SDKs send `?beta=true`), and never a credential
 * or what a body may not hold.
 */
export function judgeEndpoint(method: string, path: string): Outcome<Endpoint> {
  const marked = queryOf(path);
  const query = marked.slice(1);
  const endpoint = ENDPOINT_OF_PATH.get(path.slice(0, path.length - marked.length));
  if (endpoint === undefined) {
    return deny('endpoint_unsupported');
  }
  // Most requests have no query, and then nothing of it is to be judged.
  if (query !== '' && carriesCredential(query)) {
    return deny(
      'credential_invalid',
      'credential in the query',
      'Credentials in URLs are not accepted, send it in a header. A key that was sent in a URL may stand in logs: replace it.',
    );
  }
  if (method !== endpoint.method) {
    return deny('method_not_allowed', undefined, `Use ${endpoint.method} ${endpoint.path}.`);
  }
  return query === '' ? next(endpoint) : judgeQuery(endpoint, query);
}

function judgeQuery(endpoint: Endpoint, query: string): Outcome<Endpoint> {
  if (query.length > queryBytesMax || !carriedQuery.test(query)) {
    return deny('request_invalid', 'query', `The query may hold ${String(queryBytesMax)} bytes of letters, digits and "_.=&-".`);
  }
  const forbidden = forbiddenParameter(query);
  return forbidden === undefined ? next(endpoint) : deny('field_forbidden', 'query', `The query parameter is "${forbidden}".`);
}
