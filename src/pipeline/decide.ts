import type { Operation } from '../core/operation.ts';
import type { Eventually } from '../core/eventually.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import { availableRoute } from '../core/route.ts';
import type { Access } from '../policy/access.ts';
import { judgeModelOrder } from '../policy/judge-model-order.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import { mustStripUsage } from '../policy/llm/include-usage.ts';
import { rewriteBody } from '../policy/llm/rewrite-body.ts';
import type { Attempt, Order } from '../policy/order.ts';
import { admitCaller } from './admit-caller.ts';
import type { AnswerFacts } from './answer-facts.ts';
import { inspectRequest, type Inspection } from './inspect-request.ts';
import { maskContent, type Content } from './mask-content.ts';
import type { AwaitingBody } from './open-exchange.ts';
import type { MeteringFacts } from './metering.ts';
import type { DecisionModel, DecisionProvider, Ports } from './ports.ts';
import { requireApproval } from './require-approval.ts';
import { findLimits, takeHold, type LimitedRequest, type RequestHold } from './take-hold.ts';

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
  /** The judged bytes, masked, and fitted to the first attempt. */
  readonly body: Buffer;
  /** Undefined where no limit applies, or where the store is away and every limit lets requests through. */
  readonly hold: RequestHold | undefined;
  /** What was found out about what it says, for the log. */
  readonly verdicts: readonly string[];
  /** What is to be done with its answer. */
  readonly answer: AnswerFacts;
  readonly metering: Pick<MeteringFacts, 'operation' | 'echoes' | 'serviceTier' | 'speed' | 'inferenceGeo' | 'stripUsage'>;
}

/**
 * THE DECISION, at the reply to the request body. The caller's state is read again, the body judged, the model and its
 * targets checked; what goes upstream is the bytes that were judged.
 * `envoyProviders` is what Envoy's configuration says of itself: provider → fingerprint, and its routes. `asked` is told the name that the
 * client asked for, which the log has of a refusal, too.
 */
export const decide = (
  ports: Ports,
  opened: AwaitingBody,
  bytes: Buffer,
  envoyProviders: ReadonlyMap<string, string>,
  asked: (model: string) => void,
): Eventually<Outcome<Decision>> =>
  andThen(ports.judgeBody(opened.endpoint, bytes), (body) => {
    asked(body.model);
    // After the body was read and judged, not before: this is the last look at the caller.
    return andThen(admitCaller(ports, opened.caller), (access) => decideAdmitted(ports, { opened, access, bytes, body }, envoyProviders));
  });

/** Everything that was found out about a request before its decision. */
interface Findings {
  readonly opened: AwaitingBody;
  readonly access: Access;
  readonly bytes: Buffer;
  readonly body: JudgedBody;
}

/** What a request may use, then what it may cost; its hold is taken last, when nothing else can refuse it. */
const decideAdmitted = (ports: Ports, findings: Findings, envoyProviders: ReadonlyMap<string, string>): Eventually<Outcome<Decision>> =>
  andThen(judgeRequest(ports, findings, envoyProviders), ({ model, order }) =>
    andThen(requireApproval(ports, findings.opened.caller, findings.body.model, model), () =>
      andThen(readContent(ports, findings), (read) =>
        andThen(
          findLimits(ports, { caller: findings.opened.caller, model, judged: read.body, bytes: read.bytes, attempts: order }),
          (limited) => {
            const decision = decisionOf(findings.opened, read, { model, order }, limited, envoyProviders);
            return andThen(takeHold(ports, limited), (hold) => next(hold === undefined ? decision : { ...decision, hold }));
          },
        ),
      ),
    ),
  );

type ReadContent = Content & { readonly inspection: Inspection };

/** Guards are asked about it while it is masked; a refusal of either refuses. */
function readContent(ports: Ports, { opened, access, bytes, body }: Findings): Eventually<Outcome<ReadContent>> {
  const { caller, endpoint } = opened;
  const inspected = inspectRequest(ports, { access, bytes, body });
  return andThen(maskContent(ports, { caller, access, endpoint, bytes, body }), (content) =>
    andThen(inspected, (inspection) => next({ ...content, inspection })),
  );
}

interface Judged {
  readonly model: DecisionModel;
  readonly order: Order;
}

function judgeRequest(ports: Ports, { opened, access, body }: Findings, envoyProviders: ReadonlyMap<string, string>): Outcome<Judged> {
  const settings = ports.settings();
  return judgeModelOrder({
    access,
    tables: settings.access,
    models: settings.models,
    name: body.model,
    providers: settings.providers,
    api: opened.endpoint.api,
    path: opened.path,
    isLive: (provider) => isLive(ports, settings.providers.get(provider), provider, envoyProviders),
  });
}

function decisionOf(
  opened: AwaitingBody,
  { bytes, body, masked, inspection }: ReadContent,
  { model, order }: Judged,
  limited: LimitedRequest | undefined,
  envoyProviders: ReadonlyMap<string, string>,
): Decision {
  const [first] = order;
  const tellUsage = limited?.worst !== undefined;
  return {
    model: body.model,
    operation: opened.endpoint.operation,
    attempts: order,
    first,
    route: availableRoute(model.route, envoyProviders),
    body: rewriteBody(bytes, body, { model: first.model, cap: model.cap, tellUsage }),
    hold: undefined,
    verdicts: inspection.verdicts,
    answer: { operation: body.operation, masked, guards: inspection.answerGuards, prompt: inspection.prompt },
    metering: {
      operation: body.operation,
      echoes: body.echoes,
      serviceTier: body.serviceTier,
      speed: body.speed,
      inferenceGeo: body.inferenceGeo,
      stripUsage: tellUsage && mustStripUsage(body),
    },
  };
}

function isLive(ports: Ports, provider: DecisionProvider | undefined, name: string, envoyProviders: ReadonlyMap<string, string>): boolean {
  if (provider === undefined || envoyProviders.get(name) !== provider.fingerprint) {
    return false;
  }
  return !provider.needsKey || ports.credentials.served(name) !== undefined;
}
