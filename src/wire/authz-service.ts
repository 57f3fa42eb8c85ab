import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { when, type Eventually } from '../core/eventually.ts';
import { METADATA, CREDENTIAL_HEADERS } from '../core/headers.ts';
import { andThen, fault, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import type { RequestView } from '../core/request.ts';
import { admitCaller } from '../pipeline/admit-caller.ts';
import { clientAddress, identifyCaller } from '../pipeline/identify-caller.ts';
import type { Ports } from '../pipeline/ports.ts';
import { runStage } from '../pipeline/run-stage.ts';
import { withStoreWait } from '../pipeline/exchange-ports.ts';
import { StoreWait } from '../pipeline/store-wait.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { decodeCheck } from './decode.ts';
import { BackwardWriter } from './backward-writer.ts';
import { encoderOf, fieldNumber } from './definitions.ts';
import { EncodedMessage } from './encoded.ts';
import { ExchangeLog } from './exchange-log.ts';
import type { CheckRequestMessage, CheckResponseMessage } from './messages.ts';
import { refusalOf, refuseCheck } from './refusal.ts';
import { putEntry } from './struct.ts';

type CheckReply = CheckResponseMessage | EncodedMessage;

/** `envoy.service.auth.v3.Authorization`: who is asking, by headers alone. What it finds travels sealed to `Process`. */
export function authorizationService(ports: Ports, telemetry: Telemetry): UntypedServiceImplementation {
  return {
    Check: (call: ServerUnaryCall<CheckRequestMessage, CheckReply>, reply: sendUnaryData<CheckReply>): void => {
      void when(answerCheck(ports, telemetry, call.request), (response) => {
        reply(null, response);
      });
    },
  };
}

function answerCheck(ports: Ports, telemetry: Telemetry, message: CheckRequestMessage): Eventually<CheckReply> {
  const log = new ExchangeLog(telemetry, ports.clock);
  let path = '';
  const outcome = runStage('check', ports.clock, ports.settings().stageMsMax, () => {
    const view = decodeCheck(message);
    log.exchangeId = view.exchangeId;
    ({ path } = view);
    const wait = new StoreWait({ totalMs: ports.settings().storeMsMax });
    return check(withStoreWait(ports, wait), wait, view, log);
  });
  return when(outcome, (known) => {
    if (known.kind === 'next') {
      // The second stage reports this exchange; a line from here would count it twice.
      log.discard();
      return allow(known.found);
    }
    return refuse(known, path, log);
  });
}

function refuse(outcome: Denied | Faulted, path: string, log: ExchangeLog): CheckReply {
  const refusal = refusalOf(outcome, { path, exchangeId: log.exchangeId });
  log.refused(outcome, refusal.status, refusal.code);
  log.report(undefined);
  return refuseCheck(refusal);
}

/** The sealed caller. */
function check(ports: Ports, wait: StoreWait, view: RequestView, log: ExchangeLog): Eventually<Outcome<string>> {
  if (view.exchangeId === '') {
    return fault('check', 'protocol', 'no x-request-id: Envoy must generate it');
  }
  log.address = clientAddress(ports, view);
  return andThen(identifyCaller(ports, view, log.address), (caller) => {
    log.caller = caller;
    return andThen(admitCaller(ports, caller), () => ports.seals.seal(caller, view.exchangeId, wait.waitedMs));
  });
}

const encode: (message: CheckResponseMessage) => Buffer = encoderOf('envoy.service.auth.v3.CheckResponse');
const metadataField = fieldNumber('envoy.service.auth.v3.CheckResponse', 'dynamic_metadata');

/** Tags, lengths and the name of the seal. */
const framingBytesMax = 128;

/** Allows by saying so: an empty response would be an allow as well, so it is never built by leaving things out. */
const allowed = encode({ status: { code: 0 }, ok_response: { headers_to_remove: [...CREDENTIAL_HEADERS] } });

function allow(seal: string): EncodedMessage {
  const writer = new BackwardWriter(allowed.length + Buffer.byteLength(seal) + framingBytesMax);
  putEntry(writer, METADATA.seal, seal);
  writer.embed(metadataField, writer.start);
  writer.put(allowed);
  return new EncodedMessage(writer.written());
}
