import { error, reporter, warning, type Finding } from './finding.ts';
import { checkFilter, forwarding, type Inspection } from './inspection.ts';
import { at, durationMsOf, enumOf, isOn, isPresent, numberOf, type Place } from './place.ts';

export const AUTHZ = {
  'authz-timeout-default': warning(
    'ext_authz has no time limit of its own; set grpc_service.timeout',
    'The default is 200 ms, below what a look-up of keys can take; then a request is refused although nothing is wrong.',
  ),
  'status-on-error-missing': warning(
    'a failure of Sallyport is not answered 503; set status_on_error to ServiceUnavailable',
    'The default of ext_authz is 403, which tells a client that it may not, and SDKs not to try again.',
  ),
  'authz-raw-headers': error(
    'ext_authz joins repeated headers before Sallyport sees them; set encode_raw_headers',
    'Two credentials in one request must be refused; joined by a comma they look like one.',
  ),
  'authz-mutations-unchecked': warning(
    'ext_authz does not check the headers that it is told to set; set validate_mutations',
    'Without it an invalid header from the sidecar reaches the router.',
  ),
  'authz-reads-body': warning(
    'ext_authz buffers the body; remove with_request_body',
    'Identity is decided by headers alone. The body would be buffered twice, and one over the limit is cut or answered 413 by the wrong stage.',
  ),
  'authz-clears-route-cache': warning(
    'ext_authz may clear the route cache; remove clear_route_cache',
    'Only the decision chooses a route.',
  ),
  'authz-without-certificate': warning(
    'client certificates are an identity, but ext_authz does not pass them on; set include_peer_certificate',
    'A caller that shows only a certificate would be refused.',
  ),
} as const;

const find = reporter(AUTHZ);

const serverErrors = /^(?:5\d\d|InternalServerError|NotImplemented|BadGateway|ServiceUnavailable|GatewayTimeout)$/;

/** True where a failure is answered with a status that says so. */
export function answersServerError(config: Place): boolean {
  const code = at(config, 'status_on_error', 'code');
  return serverErrors.test(enumOf(code, []) ?? String(numberOf(code) ?? ''));
}

/** The settings of the stage that identifies. */
export function* judgeAuthz(inspection: Inspection): Generator<Finding> {
  for (const filter of forwarding(inspection).flatMap((connection) => checkFilter(connection) ?? [])) {
    const { config } = filter;
    const timeout = at(config, 'grpc_service', 'timeout');
    if ((durationMsOf(timeout) ?? 0) === 0) {
      yield find('authz-timeout-default', timeout);
    }
    if (!answersServerError(config)) {
      yield find('status-on-error-missing', at(config, 'status_on_error'));
    }
    yield* judgeFlags(config, inspection);
  }
}

function* judgeFlags(config: Place, { settings }: Inspection): Generator<Finding> {
  if (!isOn(at(config, 'encode_raw_headers'))) {
    yield find('authz-raw-headers', at(config, 'encode_raw_headers'));
  }
  if (!isOn(at(config, 'validate_mutations'))) {
    yield find('authz-mutations-unchecked', at(config, 'validate_mutations'));
  }
  if (isPresent(at(config, 'with_request_body'))) {
    yield find('authz-reads-body', at(config, 'with_request_body'));
  }
  if (isOn(at(config, 'clear_route_cache'))) {
    yield find('authz-clears-route-cache', at(config, 'clear_route_cache'));
  }
  if (settings?.edge.clientCa !== undefined && !isOn(at(config, 'include_peer_certificate'))) {
    yield find('authz-without-certificate', at(config, 'include_peer_certificate'));
  }
}
