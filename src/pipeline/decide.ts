import type { Operation } from '../core/operation.ts';
import { next, type Outcome } from '../core/outcome.ts';
import { availableRoute } from '../core/route.ts';
import { allowsProvider, judgeModel } from '../policy/access.ts';
import { rewriteBody } from '../policy/llm/rewrite-body.ts';
import { judgeOrder, type Attempt } from '../policy/order.ts';
import { admitCaller } from './admit-caller.ts';
import type { Opened } from './open-exchange.ts';
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
export async function decide(
  ports: Ports,
  opened: Extract<Opened, { kind: 'await-body' }>,
  bytes: Buffer,
  envoyProviders: ReadonlyMap<string, string>,
): Promise<Outcome<Decision>> {
  const judgedBody = await ports.judgeBody(opened.endpoint, bytes);
  if (judgedBody.kind !== 'next') {
    return judgedBody;
  }
  // After the body was read and judged, not before: this is the last look at the caller.
  const access = await admitCaller(ports, opened.caller);
  if (access.kind !== 'next') {
    return access;
  }
  const settings = ports.settings();
  const body = judgedBody.found;
  const allowed = judgeModel(access.found, settings.access, body.model);
  if (allowed.kind !== 'next') {
    return allowed;
  }
  const model = settings.models.get(body.model);
  const order = judgeOrder({
    targets: model?.targets ?? [],
    providers: settings.providers,
    api: opened.endpoint.api,
    path: opened.path,
    mayUse: (provider) => allowsProvider(access.found, provider),
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
