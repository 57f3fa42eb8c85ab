import { CREDENTIAL_HEADERS } from '../../core/headers.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import { isTrustedNamespace, type Inspection } from './inspection.ts';
import type { EnvoyModel } from './model.ts';
import { at, isPresent, items, textOf, textsOf, typeOf, walk, type Place } from './place.ts';
import { TYPE } from './types.ts';

export const PRINTED = {
  'credential-printed': error(
    'a log, a trace or another output prints a credential; remove this header from it',
    'Keys that are injected for the provider stand in the same header map as the client’s own, so both would be printed.',
  ),
  'metadata-printed': error(
    'a log, a trace or another output prints metadata of Sallyport; remove it',
    'The metadata holds the sealed caller and the decision. A gRPC access log (http_grpc) always sends all dynamic metadata.',
  ),
  'query-printed': warning(
    'a log prints the query of the path; use %PATH(NQ)%',
    'Some clients put keys into the query. The default format of an access log prints it too: set a log_format.',
  ),
} as const;

const find = reporter(PRINTED);

const SECRET_HEADERS: ReadonlySet<string> = new Set([
  ...CREDENTIAL_HEADERS,
  'cookie',
  'set-cookie',
  'x-amz-security-token',
  'dpop',
  'authentication-info',
]);

const mayBeSecret = (header: string): boolean => SECRET_HEADERS.has(header.trim().toLowerCase());

const isPath = (header: string): boolean => /^(?::path|x-envoy-original-path)$/i.test(header.trim());

/** Everything that Envoy writes or sends about a request. */
export function* judgePrinted({ model }: Inspection): Generator<Finding> {
  for (const place of everything(model)) {
    yield* judgeText(place);
    yield* judgeHeaderLists(place);
    if (place.field === 'access_log' || place.field === 'upstream_log') {
      yield* judgeAccessLogs(place);
    }
  }
}

/** Each place once: under the name that a reader looks for, connection managers under their listener’s. */
export function* everything({ bootstrap, listeners, connections, clusters }: EnvoyModel): Generator<Place & { readonly field: string }> {
  const managers = new Set(connections.map(({ hcm }) => hcm.value));
  for (const { place } of listeners) {
    yield* walk(place, managers);
  }
  for (const { hcm, routeConfig } of connections) {
    yield* walk(hcm);
    if (!isPresent(at(hcm, 'route_config'))) {
      yield* walk(routeConfig);
    }
  }
  for (const { place } of clusters) {
    yield* walk(place);
  }
  const elsewhere = new Set(['static_resources', 'dynamic_resources', 'node'].map((field) => at(bootstrap, field).value));
  yield* walk(bootstrap, elsewhere);
}

const command = /%([A-Z_0-9]+)(?:\(((?:[^()]|\([^()]*\))*)\))?(?::\d+)?%/g;

function* judgeText(place: Place): Generator<Finding> {
  const text = textOf(place) ?? '';
  for (const [whole, name, argument] of text.matchAll(command)) {
    const verdict = (COMMANDS.get(name ?? '') ?? judgeExpression)(argument ?? '');
    if (verdict !== undefined) {
      yield find(verdict, place, whole);
    }
  }
}

type Verdict = keyof typeof PRINTED | undefined;

/** What the commands of Envoy’s format language give away, by their arguments. */
const COMMANDS: ReadonlyMap<string, (argument: string) => Verdict> = new Map([
  ['REQ', (argument) => judgeHeaders(argument) ?? (argument.split('?').some(isPath) ? 'query-printed' : undefined)],
  ['REQ_WITHOUT_QUERY', judgeHeaders],
  ['RESP', judgeHeaders],
  ['TRAILER', judgeHeaders],
  ['PATH', (argument) => (argument.split(':')[0]?.trim() === 'NQ' ? undefined : 'query-printed')],
  ['QUERY_PARAM', () => 'query-printed'],
  ['QUERY_PARAMS', () => 'query-printed'],
  ['DYNAMIC_METADATA', judgeMetadata],
  ['METADATA', judgeMetadata],
  ['SECRET', () => 'credential-printed'],
] satisfies readonly (readonly [string, (argument: string) => Verdict])[]);

function judgeHeaders(argument: string): Verdict {
  return argument.split('?').some(mayBeSecret) ? 'credential-printed' : undefined;
}

function judgeMetadata(argument: string): Verdict {
  return argument.split(':').some((each) => isTrustedNamespace(each.trim())) ? 'metadata-printed' : undefined;
}

/** Commands that hold an expression or other commands: CEL, COALESCE and their like. */
function judgeExpression(argument: string): Verdict {
  const words = argument.toLowerCase().split(/[^a-z0-9_.-]+/);
  if (words.some((word) => SECRET_HEADERS.has(word))) {
    return 'credential-printed';
  }
  return words.includes('metadata') && words.some(isTrustedNamespace) ? 'metadata-printed' : undefined;
}

function* judgeHeaderLists(place: Place & { readonly field: string }): Generator<Finding> {
  if (/^additional_(?:request|response)_(?:headers|trailers)_to_log$/.test(place.field) && Array.isArray(place.value)) {
    for (const header of textsOf(place).filter(mayBeSecret)) {
      yield find('credential-printed', place, header);
    }
  }
  if (place.field === 'custom_tags' && !Array.isArray(place.value)) {
    yield* judgeTag(place);
  }
  if (place.field === 'rate_limits' && !Array.isArray(place.value)) {
    const headers = items(at(place, 'actions')).map((action) => textOf(at(action, 'request_headers', 'header_name')) ?? '');
    for (const header of headers.filter(mayBeSecret)) {
      yield find('credential-printed', place, header);
    }
  }
}

function* judgeTag(tag: Place): Generator<Finding> {
  const header = textOf(at(tag, 'request_header', 'name')) ?? '';
  if (mayBeSecret(header)) {
    yield find('credential-printed', tag, header);
  }
  if (isPath(header)) {
    yield find('query-printed', tag, header);
  }
  const namespace = textOf(at(tag, 'metadata', 'metadata_key', 'key')) ?? '';
  if (isTrustedNamespace(namespace)) {
    yield find('metadata-printed', tag, namespace);
  }
}

function* judgeAccessLogs(place: Place): Generator<Finding> {
  if (Array.isArray(place.value)) {
    return;
  }
  const config = at(place, 'typed_config');
  const type = typeOf(config);
  if (type === TYPE.grpcAccessLog) {
    yield find('metadata-printed', place, 'http_grpc');
  }
  const writesLines = /\.(?:FileAccessLog|StdoutAccessLog|StderrAccessLog)$/.test(type);
  const hasFormat = ['log_format', 'format', 'json_format', 'typed_json_format'].some((field) => isPresent(at(config, field)));
  if (writesLines && !hasFormat) {
    yield find('query-printed', place, 'default format');
  }
}
