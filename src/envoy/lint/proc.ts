import { CREDENTIAL_HEADERS, METADATA } from '../../core/headers.ts';
import { AUTHZ, answersServerError } from './authz.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import { decisionFilter, forwarding, identifies, type Inspection } from './inspection.ts';
import { at, durationMsOf, enumOf, isOn, isPresent, textsOf, type Place } from './place.ts';
import { maybeListed, surelyListed } from './string-match.ts';
import { TYPE } from './types.ts';

export const PROC = {
  'proc-request-mode': error(
    'ext_proc does not get the whole request; set request_header_mode SEND and request_body_mode BUFFERED',
    'What is not sent is not judged: with BUFFERED_PARTIAL the model’s name may stand behind the cut, with NONE there is no decision.',
  ),
  'proc-response-mode': warning(
    'ext_proc opens response or trailer phases for everything; set response_header_mode and the trailer modes SKIP, response_body_mode NONE',
    'Sallyport asks for the phases that it needs. Otherwise each local reply opens a stream of its own, and a 401 turns into a 500 when that fails.',
  ),
  'proc-mode-override': error(
    'Sallyport cannot open the response phases; set allow_mode_override, and neither allowed_override_modes nor send_body_without_waiting_for_header_response',
    'Answers then pass without the checks and the accounting that the decision promised.',
  ),
  'proc-immediate-response': warning(
    'a refusal of Sallyport would be a protocol error; remove disable_immediate_response',
    'The client gets a 500 without a reason instead of the refusal.',
  ),
  'proc-timeout-default': warning(
    'ext_proc has no time limit of its own; set message_timeout',
    'The default is 200 ms a message, below what a decision can take.',
  ),
  'metadata-receiving': warning(
    'what Sallyport decides is dropped; name the namespaces under metadata_options.receiving_namespaces.untyped',
    'Envoy drops other namespaces silently. No cluster’s gate opens, and the order of targets is not that of the decision.',
  ),
  'metadata-forwarding': warning(
    'the stage does not get what an earlier one found; name the namespaces under metadata_options.forwarding_namespaces.untyped',
    'The decision refuses a request without a caller, and charges targets that failed as if they had billed; the rewrite stage cannot fit the request to the next target.',
  ),
  'credential-visible': error(
    'a stage gets credentials that it has no use for; name them under forward_rules.disallowed_headers',
    'A failed attempt leaves the provider’s key in the header map that later stages share.',
  ),
  'credential-hidden': warning(
    'the stage that identifies the caller does not get the credential; remove the header from forward_rules',
    'In chain `proc` every request would be refused as one without a credential.',
  ),
  'mutations-unchecked': error(
    'a change of Sallyport that Envoy does not allow is dropped without a word; set mutation_rules.disallow_is_error',
    'The request would go on as the client wrote it, not as it was decided.',
  ),
  'mutations-refused': warning(
    'Sallyport may not set what it must set; set mutation_rules.allow_all_routing, on the listener allow_envoy too, and no disallow_…',
    'The decision sets path, authority and retry headers; each request would end as 500.',
  ),
  'proc-response-saved': error(
    'replies of Sallyport are copied into filter state; remove on_processing_response',
    'Filter state can be logged, and the replies contain bodies.',
  ),
} as const;

const find = reporter(PROC);
const findAuthz = reporter(AUTHZ);

/** The settings of the decision, and of the rewrite stage of each provider’s cluster. */
export function* judgeProcs(inspection: Inspection): Generator<Finding> {
  for (const connection of forwarding(inspection)) {
    const decision = decisionFilter(connection);
    if (decision !== undefined) {
      yield* judgeCommon(decision.config);
      yield* judgeDecision(decision.config, identifies(connection, inspection.settings));
    }
  }
  for (const { filters } of inspection.providers) {
    for (const { config } of filters.filter(({ type }) => type === TYPE.proc)) {
      yield* judgeCommon(config);
      yield* judgeNamespaces(config, 'forwarding_namespaces', [METADATA.decision]);
      yield* judgeHidden(config);
      if (!isOn(at(config, 'mutation_rules', 'allow_all_routing'))) {
        yield find('mutations-refused', at(config, 'mutation_rules', 'allow_all_routing'));
      }
    }
  }
}

function* judgeDecision(config: Place, identifiesCaller: boolean): Generator<Finding> {
  if (!isOn(at(config, 'allow_mode_override'))) {
    yield find('proc-mode-override', at(config, 'allow_mode_override'));
  }
  for (const field of ['allowed_override_modes', 'send_body_without_waiting_for_header_response']) {
    const place = at(config, field);
    if (isOn(place) || Array.isArray(place.value)) {
      yield find('proc-mode-override', place);
    }
  }
  yield* judgeNamespaces(config, 'receiving_namespaces', [METADATA.decision, METADATA.order]);
  yield* judgeNamespaces(config, 'forwarding_namespaces', [...(identifiesCaller ? [] : [METADATA.authz]), METADATA.attempts]);
  for (const field of ['allow_all_routing', 'allow_envoy']) {
    if (!isOn(at(config, 'mutation_rules', field))) {
      yield find('mutations-refused', at(config, 'mutation_rules', field));
    }
  }
  if (identifiesCaller) {
    const hidden = CREDENTIAL_HEADERS.filter((name) => isHidden(config, name, maybeListed));
    if (hidden.length > 0) {
      yield find('credential-hidden', at(config, 'forward_rules'), hidden.join(', '));
    }
    return;
  }
  yield* judgeHidden(config);
}

const BODY_MODES = ['NONE', 'STREAMED', 'BUFFERED', 'BUFFERED_PARTIAL', 'FULL_DUPLEX_STREAMED', 'GRPC'];
const HEADER_MODES = ['DEFAULT', 'SEND', 'SKIP'];

function* judgeCommon(config: Place): Generator<Finding> {
  yield* judgeModes(at(config, 'processing_mode'));
  if ((durationMsOf(at(config, 'message_timeout')) ?? 0) === 0) {
    yield find('proc-timeout-default', at(config, 'message_timeout'));
  }
  if (!answersServerError(config)) {
    yield findAuthz('status-on-error-missing', at(config, 'status_on_error'));
  }
  if (isOn(at(config, 'disable_immediate_response'))) {
    yield find('proc-immediate-response', at(config, 'disable_immediate_response'));
  }
  if (isPresent(at(config, 'on_processing_response'))) {
    yield find('proc-response-saved', at(config, 'on_processing_response'));
  }
  const rules = at(config, 'mutation_rules');
  if (!isOn(at(rules, 'disallow_is_error'))) {
    yield find('mutations-unchecked', at(rules, 'disallow_is_error'));
  }
  for (const field of ['disallow_all', 'disallow_system', 'disallow_expression', 'allow_expression']) {
    if (isOn(at(rules, field)) || at(rules, field).value instanceof Object) {
      yield find('mutations-refused', at(rules, field));
    }
  }
}

function* judgeModes(mode: Place): Generator<Finding> {
  const request = [enumOf(at(mode, 'request_header_mode'), HEADER_MODES), enumOf(at(mode, 'request_body_mode'), BODY_MODES)];
  if (request[0] === 'SKIP' || request[1] !== 'BUFFERED') {
    yield find('proc-request-mode', mode, `${String(request[0])}, ${String(request[1])}`);
  }
  const open = [
    enumOf(at(mode, 'response_header_mode'), HEADER_MODES) === 'SKIP' ? undefined : 'response_header_mode',
    enumOf(at(mode, 'response_body_mode'), BODY_MODES) === 'NONE' ? undefined : 'response_body_mode',
    ...['request_trailer_mode', 'response_trailer_mode'].map((field) =>
      enumOf(at(mode, field), HEADER_MODES) === 'SEND' ? field : undefined,
    ),
  ].filter((field) => field !== undefined);
  if (open.length > 0) {
    yield find('proc-response-mode', mode, open.join(', '));
  }
}

function* judgeNamespaces(
  config: Place,
  field: 'receiving_namespaces' | 'forwarding_namespaces',
  needed: readonly string[],
): Generator<Finding> {
  const place = at(config, 'metadata_options', field, 'untyped');
  const missing = needed.filter((name) => !textsOf(place).includes(name));
  if (missing.length > 0) {
    yield find(field === 'receiving_namespaces' ? 'metadata-receiving' : 'metadata-forwarding', place, `missing: ${missing.join(', ')}`);
  }
}

function* judgeHidden(config: Place): Generator<Finding> {
  const visible = CREDENTIAL_HEADERS.filter((name) => !isHidden(config, name, surelyListed));
  if (visible.length > 0) {
    yield find('credential-visible', at(config, 'forward_rules', 'disallowed_headers'), `visible: ${visible.join(', ')}`);
  }
}

/** `disallowed_headers` wins over `allowed_headers`; without either everything is forwarded. */
function isHidden(config: Place, header: string, disallows: (list: Place, text: string) => boolean): boolean {
  const rules = at(config, 'forward_rules');
  const allowed = at(rules, 'allowed_headers');
  return disallows(at(rules, 'disallowed_headers'), header) || (isPresent(allowed) && !maybeListed(allowed, header));
}
