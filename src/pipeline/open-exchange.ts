import type { Caller } from '../core/caller.ts';
import type { Endpoint } from '../core/operation.ts';
import type { Eventually } from '../core/eventually.ts';
import { andThen, deny, next, type Outcome } from '../core/outcome.ts';
import { headerValues, type RequestView } from '../core/request.ts';
import { allowsModel, allowsProvider, judgeOperation, type Access } from '../policy/access.ts';
import { judgeAuthority } from '../policy/authority.ts';
import { judgeContentHeaders } from '../policy/content-headers.ts';
import { spokenHeaders, unforwardedHeaders } from '../policy/forwarded-headers.ts';
import { judgeEndpoint, queryOf } from '../policy/llm/endpoint.ts';
import { judgeQueryText, withheldHeaders } from '../policy/masking/mask-head.ts';
import { planFor } from '../policy/masking/masking.ts';
import { modelsBody } from '../policy/llm/models-body.ts';
import { admitCaller } from './admit-caller.ts';
import type { DecisionSettings, Ports } from './ports.ts';

export interface AwaitingBody {
  readonly kind: 'await-body';
  readonly caller: Caller;
  readonly endpoint: Endpoint;
  readonly path: string;
  /** Names of the client's headers that no provider gets. */
  readonly unforwarded: readonly string[];
}

/** What the request headers told: go on to the body, or answer at once. */
export type Opened =
  AwaitingBody | { readonly kind: 'answer'; readonly caller: Caller; readonly endpoint: Endpoint; readonly body: string };

/** Early refusals by headers alone, for a caller that is known: nothing of a body is read before this says so. */
export const openExchange = (ports: Ports, view: RequestView, caller: Caller, endOfStream: boolean): Eventually<Outcome<Opened>> =>
  // First, as `Check` does: in both chains whoever may do nothing learns nothing about endpoints.
  andThen(admitCaller(ports, caller), (access) => judgeHead(ports, view, caller, access, endOfStream));

function judgeHead(ports: Ports, view: RequestView, caller: Caller, access: Access, endOfStream: boolean): Outcome<Opened> {
  const authority = judgeAuthority(view.authority);
  if (authority.kind !== 'next') {
    return authority;
  }
  const judged = judgeEndpoint(view.method, view.path);
  if (judged.kind !== 'next') {
    return judged;
  }
  const endpoint = judged.found;
  const allowed = judgeOperation(access, endpoint.operation);
  if (allowed.kind !== 'next') {
    return allowed;
  }
  if (endpoint.operation === 'models') {
    return endOfStream ? listModels(ports, view, caller, endpoint, access) : deny('request_invalid', 'GET with a body');
  }
  // Without a body there would be no decision: the message that asks for it never comes.
  if (endOfStream) {
    return deny('body_missing');
  }
  const content = judgeContentHeaders(view.headers, ports.settings().bodyBytesMax);
  return content.kind === 'next' ? awaitBody(ports, view, caller, endpoint, access) : content;
}

/** What the head of a request says goes to a provider as its body does: masked. */
function awaitBody(ports: Ports, view: RequestView, caller: Caller, endpoint: Endpoint, access: Access): Outcome<AwaitingBody> {
  const masking = ports.settings().masking(access);
  const plan = masking && planFor(masking).request;
  const query = queryOf(view.path);
  const judged = judgeQueryText(plan, query);
  if (judged.kind !== 'next') {
    return judged;
  }
  const withheld = plan === undefined ? [] : withheldHeaders(plan, spokenHeaders(view.headers));
  const unforwarded = [...unforwardedHeaders(view.headers), ...withheld];
  return next({ kind: 'await-body', caller, endpoint, path: `${endpoint.path}${query}`, unforwarded });
}

function listModels(ports: Ports, view: RequestView, caller: Caller, endpoint: Endpoint, access: Access): Outcome<Opened> {
  const names = modelsOf(ports.settings(), access);
  const shape = headerValues(view.headers, 'anthropic-version').length > 0 ? 'anthropic' : 'openai';
  return next({ kind: 'answer', caller, endpoint, body: modelsBody(shape, names, Math.floor(ports.clock() / 1_000)) });
}

/** Only what the caller may use, in a fixed order: the model by its name, and a provider that serves it. */
const modelsOf = ({ models }: DecisionSettings, access: Access): readonly string[] =>
  [...models]
    .filter(([name, { targets }]) => allowsModel(access, name) && targets.some(({ provider }) => allowsProvider(access, provider)))
    .map(([name]) => name)
    .toSorted();
