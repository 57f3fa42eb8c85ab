import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Caller } from '../core/caller.ts';
import { METADATA, CREDENTIAL_HEADERS } from '../core/headers.ts';
import { fault, next, type Outcome } from '../core/outcome.ts';
import type { RequestView } from '../core/request.ts';
import { admitCaller } from '../pipeline/admit-caller.ts';
import { identifyCaller } from '../pipeline/identify-caller.ts';
import type { Ports } from '../pipeline/ports.ts';
import { runStage } from '../pipeline/run-stage.ts';
import { sealCaller } from '../policy/seal.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { decodeCheck } from './decode.ts';
import { encoderOf } from './definitions.ts';
import { joined, type EncodedMessage } from './encoded.ts';
import { ExchangeLog } from './exchange-log.ts';
import type { CheckRequestMessage, CheckResponseMessage } from './messages.ts';
import { refusalOf, refuseCheck } from './refusal.ts';
import { sealKey } from './seal-key.ts';
import { toStruct } from './struct.ts';

type CheckReply = CheckResponseMessage | EncodedMessage;

/** `envoy.service.auth.v3.Authorization`: who is asking, by headers alone. What it finds travels sealed to `Process`. */
export function authorizationService(ports: Ports, telemetry: Telemetry): UntypedServiceImplementation {
  return {
    Check: (call: ServerUnaryCall<CheckRequestMessage, CheckReply>, reply: sendUnaryData<CheckReply>): void => {
      void answerCheck(ports, telemetry, call.request).then((response) => {
        reply(null, response);
      });
    },
  };
}

interface Checked {
  readonly caller: Caller;
  readonly seal: string;
}

async function answerCheck(ports: Ports, telemetry: Telemetry, message: CheckRequestMessage): Promise<CheckReply> {
  const log = new ExchangeLog(telemetry, ports.clock);
  let path = '';
  const outcome = await runStage('check', ports.clock, ports.settings().stageMsMax, async () => {
    const view = decodeCheck(message);
    log.exchangeId = view.exchangeId;
    ({ path } = view);
    return check(ports, view, log);
  });
  if (outcome.kind === 'next') {
    // The second stage reports this exchange; a line from here would count it twice.
    log.discard();
    return allow(outcome.found.seal);
  }
  const refusal = refusalOf(outcome, path);
  const detail =
    outcome.kind === 'deny' ? outcome.denial.detail : `${outcome.fault.step}: ${outcome.fault.cause}: ${outcome.fault.detail ?? ''}`;
  log.decided(outcome.kind === 'deny' ? 'denied' : 'faulted', refusal.status, refusal.code, detail);
  log.report(undefined);
  return refuseCheck(refusal);
}

async function check(ports: Ports, view: RequestView, log: ExchangeLog): Promise<Outcome<Checked>> {
  if (view.exchangeId === '') {
    return fault('check', 'protocol', 'no x-request-id: Envoy must generate it');
  }
  const key = sealKey(ports.credentials);
  if (key.kind !== 'next') {
    return key;
  }
  const caller = await identifyCaller(ports, view);
  if (caller.kind !== 'next') {
    return caller;
  }
  log.caller = caller.found;
  const access = await admitCaller(ports, caller.found);
  if (access.kind !== 'next') {
    return access;
  }
  return next({ caller: caller.found, seal: sealCaller(key.found, caller.found, view.exchangeId, ports.clock()) });
}

const encodePart: (message: Partial<CheckResponseMessage>) => Buffer = encoderOf('envoy.service.auth.v3.CheckResponse');

/** Allows by saying so: an empty response would be an allow as well, so it is never built by leaving things out. */
const allowed = encodePart({ status: { code: 0 }, ok_response: { headers_to_remove: [...CREDENTIAL_HEADERS] } });

const allow = (seal: string): EncodedMessage => joined(allowed, encodePart({ dynamic_metadata: toStruct({ [METADATA.seal]: seal }) }));
