import type { Operation } from '../core/operation.ts';
import type { Eventually } from '../core/eventually.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import { availableRoute } from '../core/route.ts';
import { allowsProvider, judgeModel, type Access } from '../policy/access.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import { rewriteBody } from '../policy/llm/rewrite-body.ts';
import { judgeOrder, type Attempt } from '../policy/order.ts';
import { admitCaller } from './admit-caller.ts';
import type { AwaitingBody } from './open-exchange.ts';
import type { DecisionProvider, Ports } from './ports.ts';

/** The request that is released: everything Envoy is told to change before it calls a provider. */
export interface Decision {
  /** The name the client asked for. */
  readonly model: string;
  readonly operation: Operation;
  /** In order; the first is what the request is fitted to now. Never empty. */
  readonly attempts: readonly Attempt[];
  readonly first: Attempt;
  /** Value of the route header. */
  readonly route: string;
  /** The judged bytes, fitted to the first attempt. */
  readonly body: Buffer;
}

/**
 * THE DECISION, at the reply to the request body. The caller's state is read again, the body judged, the model and its
 * targets checked; what goes upstream is the bytes that were judged.
 * `envoyProviders` is what Envoy's configuration says of itself: provider → fingerprint, and its routes.
 */
export const decide = (
  ports: Ports,
  opened: AwaitingBody,
  bytes: Buffer,
  envoyProviders: ReadonlyMap<string, string>,
): Eventually<Outcome<Decision>> =>
  andThen(ports.judgeBody(opened.endpoint, bytes), (body) =>
    // After the body was read and judged, not before: this is the last look at the caller.
    andThen(admitCaller(ports, opened.caller), (access) => judgeRequest(ports, { opened, access, bytes, body }, envoyProviders)),
  );

/** Everything that was found out about a request before its decision. */
interface Findings {
  readonly opened: AwaitingBody;
  readonly access: Access;
  readonly bytes: Buffer;
  readonly body: JudgedBody;
}

function judgeRequest(
  ports: Ports,
  { opened, access, bytes, body }: Findings,
  envoyProviders: ReadonlyMap<string, string>,
): Outcome<Decision> {
  const settings = ports.settings();
  const allowed = judgeModel(access, settings.access, body.model);
  if (allowed.kind !== 'next') {
    return allowed;
  }
  const model = settings.models.get(body.model);
  const order = judgeOrder({
    targets: model?.targets ?? [],
    providers: settings.providers,
    api: opened.endpoint.api,
    path: opened.path,
    mayUse: (provider) => allowsProvider(access, provider),
    isLive: (provider) => isLive(ports, settings.providers.get(provider), provider, envoyProviders),
  });
  if (order.kind !== 'next') {
    return order;
  }
  const [first] = order.found;
  return next({
    model: body.model,
    operation: opened.endpoint.operation,
    attempts: order.found,
    first,
    route: availableRoute(model?.route ?? '', envoyProviders),
    body: rewriteBody(bytes, body, first),
  });
}

function isLive(ports: Ports, provider: DecisionProvider | undefined, name: string, envoyProviders: ReadonlyMap<string, string>): boolean {
  if (provider === undefined || envoyProviders.get(name) !== provider.fingerprint) {
    return false;
  }
  return !provider.needsKey || ports.credentials.served(name) !== undefined;
}
