import type { IncomingMessage } from 'node:http';
import { InvariantError } from '../core/assert.ts';
import { mayDo } from '../policy/operator-role.ts';
import { StoreError } from '../ports/key-store.ts';
import { refuse, statusOf, type AdminAnswer } from './admin-answer.ts';
import { hasBody, readBody } from './admin-body.ts';
import { proveOperator } from './admin-operator.ts';
import { findRoute, type AdminRoute } from './admin-routes.ts';
import type { AdminRecord, AdminSource } from './admin-source.ts';

type Facts = { -readonly [Name in 'operator' | 'token' | 'action' | 'target' | 'detail']: AdminRecord[Name] };

/** One call, from its head to its answer. It is recorded once, whatever it comes to. Never throws. */
export async function answerCall(source: AdminSource, request: IncomingMessage): Promise<AdminAnswer> {
  const facts: Facts = { operator: undefined, token: undefined, action: undefined, target: undefined, detail: undefined };
  const answer = await attempt(facts, () => decide(source, request, facts));
  source.record({ ...facts, outcome: answer.kind === 'refused' ? answer.code : 'done', status: statusOf(answer) });
  return answer;
}

/** The only `catch` of the admin API: what is thrown is a refusal. Of a defect the operator is told no more than that it is one. */
async function attempt(facts: Facts, work: () => Promise<AdminAnswer>): Promise<AdminAnswer> {
  try {
    return await work();
  } catch (error) {
    // A foreign error's message may hold what nobody chose to log.
    facts.detail = error instanceof StoreError || error instanceof InvariantError ? error.message : nameOf(error);
    return error instanceof StoreError ? answerFor(error) : refuse('internal');
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

const answerFor = ({ code, cause }: StoreError): AdminAnswer =>
  code === 'refused'
    ? refuse('store_refused', cause instanceof Error ? `It says: ${cause.message}.` : undefined)
    : refuse('store_unavailable');

/** Who, then what, then whether, and the body last: nobody who may not ask gets us to read one. */
async function decide(source: AdminSource, request: IncomingMessage, facts: Facts): Promise<AdminAnswer> {
  const nowMs = source.clock();
  const proven = await proveOperator(source, request.rawHeaders, nowMs);
  if (proven.kind === 'refused') {
    return proven;
  }
  const { record } = proven;
  facts.operator = record.name;
  facts.token = record.id;
  const [path = '', ...queries] = (request.url ?? '').split('?');
  const found = findRoute(request.method ?? '', path);
  if (found.kind !== 'route') {
    return refuse(found.kind);
  }
  facts.action = found.route.action;
  facts.target = found.id === '' ? undefined : found.id;
  if (!mayDo(record.role, found.route.action)) {
    return refuse('role_insufficient', `It is ${record.role}.`);
  }
  const query = readQuery(found.route, queries);
  if (query === undefined) {
    return refuse(
      'query_invalid',
      found.route.query.length === 0 ? 'There is none here.' : `Names, each once: ${found.route.query.join(', ')}.`,
    );
  }
  const body = await bodyOf(found.route, request);
  return body.kind === 'refused' ? body : found.route.handle(source, { operator: record, id: found.id, query, body: body.value, nowMs });
}

async function bodyOf(route: AdminRoute, request: IncomingMessage): ReturnType<typeof readBody> {
  if (route.method === 'POST') {
    return readBody(request);
  }
  return hasBody(request) ? refuse('body_unexpected') : { kind: 'body', value: undefined };
}

/** Undefined where it holds a name that is not known, or one twice. */
function readQuery(route: AdminRoute, queries: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (queries.length > 1) {
    return undefined;
  }
  const given = [...new URLSearchParams(queries[0] ?? '')];
  const query = new Map(given);
  return query.size === given.length && given.every(([name]) => route.query.includes(name)) ? query : undefined;
}
