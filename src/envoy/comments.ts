import { isMap, isScalar, isSeq, type Document } from 'yaml';

/**
 * Why the less obvious fields of a rendered configuration are there. The key is the end of a field's path; members of a
 * list count by their names. Only the first of several equal places gets the comment.
 */
const COMMENTS: ReadonlyMap<string, string> = new Map([
  ['admin/address/pipe/mode', 'Octal 0660.'],
  ['admin/allow_paths', 'Pages that only answer. Others raise log levels until keys are printed, dump memory, or stop Envoy.'],
  [
    'static_layer/envoy.reloadable_features.ext_proc_graceful_grpc_close',
    'Without it Envoy resets every ext_proc stream, and about 2 in 1,000 requests fail under load.',
  ],
  ['static_layer/envoy.reloadable_features.strict_chunk_parsing', 'A chunked body has one reading only.'],
  ['overload_manager', 'Refuse new work before memory runs out.'],
  [
    'per_connection_buffer_limit_bytes',
    'As large as the largest body: a buffered answer over it is a 500 after the provider has billed it.',
  ],
  ['use_remote_address', 'The client’s address comes from the connection, or from the proxies counted below; never from the client.'],
  ['internal_address_config', 'No network counts as internal; an empty list would mean all private ones.'],
  ['path_with_escaped_slashes_action', 'One operation, one path.'],
  ['http2_protocol_options/max_concurrent_streams', 'Of one connection.'],
  ['request_timeout', 'The upload only; an answer may take as long as the provider keeps talking.'],
  ['stream_idle_timeout', 'Silence in either direction.'],
  ['forward_client_cert_details', 'Nobody may claim a certificate by a header.'],
  ['early_header_mutation_extensions', 'Before anything reads the request: headers that only Sallyport and Envoy may set.'],
  ['access_log', 'Named facts only. Injected provider keys are in the same header map as the client’s: never print a credential header.'],
  [
    'local_reply_config',
    'Envoy’s own refusals in the shape of the API that was called. A key that is withheld (gate, injector) is a 503, not the client’s fault.',
  ],
  ['http_filters/envoy.filters.http.body_size_limit', '413 at once; a BUFFERED body far over the buffer would hang instead.'],
  ['http_filters/envoy.filters.http.ext_authz', 'Stage 1: who is asking, by headers alone. The caller goes on as sealed metadata.'],
  ['http_filters/envoy.filters.http.ext_proc', 'The decision, in the reply to the whole request body.'],
  ['envoy.filters.http.ext_authz/typed_config/encode_raw_headers', 'Repeated headers stay apart: two credentials are refused.'],
  ['initial_metadata/x-sallyport-config', 'Which settings this was made from; Sallyport uses only clusters that agree with its own.'],
  ['envoy.filters.http.ext_proc/typed_config/failure_mode_allow', 'No answer, no request.'],
  [
    'envoy.filters.http.ext_proc/typed_config/processing_mode',
    'Response phases are opened per request, by the decision: a local reply then opens no stream.',
  ],
  ['envoy.filters.http.ext_proc/typed_config/allow_mode_override', 'What opens them. Without it answers pass unchecked.'],
  ['receiving_namespaces', 'What Envoy believes of a reply; other namespaces are dropped silently.'],
  ['forward_rules', 'A stage does not see credentials that it has no use for.'],
  ['mutation_rules/disallow_is_error', 'Otherwise a refused change is dropped silently and the request goes on as the client wrote it.'],
  ['virtual_hosts/all/include_request_attempt_count', 'The rewrite stage is skipped at attempt 1.'],
  ['virtual_hosts/all/routes', 'Only the decision sets the route header. Everything else ends at the answers below.'],
  ['route/timeout', 'A limit on the whole answer would cut long streams.'],
  ['route/inline_cluster_specifier_plugin', 'The order that the decision gives replaces this list, request by request.'],
  ['route/retry_policy', 'Failures before anything was billed. The decision widens this where a model has several targets.'],
  ['clusters/sallyport', 'Decisions.'],
  ['clusters/sallyport-sds', 'Provider keys, on a socket of their own: whoever may ask for decisions may not ask for keys.'],
  ['common_lb_config', 'A dead process is never used "because all are dead", and not for another second because changes are gathered.'],
  ['outlier_detection', 'A broken connection takes a process out until its next good health check; never the only one.'],
  ['health_checks', 'no_traffic_interval would be 60s: a process that hangs must not hold its share for half a minute.'],
  ['circuit_breakers', 'The default refuses stream 1,025.'],
  ['http_filters/sallyport.gate', 'The last gate: only an attempt whose decision names this very cluster goes on to its key.'],
  ['http_filters/sallyport.sent', 'What the attempts before this one have sent, for the script below; removed again by sallyport.strip.'],
  [
    'http_filters/sallyport.attempt',
    'From attempt 2 on: notes that, so that a target is charged which may have begun before another one answered.',
  ],
  ['http_filters/sallyport.status', 'Notes with which status a target failed: one that says it did no work is not charged.'],
  ['http_filters/sallyport.rewrite', 'From attempt 2 on: path, host and body for this target.'],
  ['http_filters/sallyport.key', 'The provider’s key, pushed by Sallyport. It stands in no file and in no reply.'],
  ['http_filters/sallyport.strip', 'Every other credential, and what is not the provider’s or the client’s business.'],
]);

export const COMMENT_KEYS: readonly string[] = [...COMMENTS.keys()];

/** Puts the comments into a document; returns the keys that found a place. */
export function addComments(document: Document): ReadonlySet<string> {
  const used = new Set<string>();
  annotate(document.contents, '', used);
  return used;
}

function annotate(node: unknown, path: string, used: Set<string>): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key)) {
        const here = `${path}/${String(key.value)}`;
        key.commentBefore = commentFor(here, used);
        annotate(value, here, used);
      }
    }
  }
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const here = `${path}/${nameOf(item) ?? String(index)}`;
      if (isMap(item)) {
        item.commentBefore = commentFor(here, used);
      }
      annotate(item, here, used);
    }
  }
}

/** A list member is called by its name; an entry of gRPC metadata by its key. */
function nameOf(item: unknown): string | undefined {
  const name: unknown = isMap(item) ? (item.get('name') ?? item.get('key')) : undefined;
  return typeof name === 'string' ? name : undefined;
}

function commentFor(path: string, used: Set<string>): string | null {
  for (const [key, text] of COMMENTS) {
    if (!used.has(key) && path.endsWith(`/${key}`)) {
      used.add(key);
      return ` ${text}`;
    }
  }
  return null;
}
