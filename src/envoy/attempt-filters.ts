import { ATTEMPT_FACTS, METADATA, SENT_HEADER } from '../core/headers.ts';
import { typed, type JsonObject } from './json.ts';
import { SKIP, skippedAtFirstAttempt } from './skip.ts';

/** At attempt 2 and later: what has left by now. An attempt that sent nothing had no connection, and no provider has seen it. */
export const SENT_SCRIPT = `function envoy_on_request(handle)
  local headers = handle:headers()
  local facts = handle:streamInfo():dynamicMetadata()
  local number = headers:get("x-envoy-attempt-count") or "unknown"
  facts:set("${METADATA.attempts}", "number", number)
  facts:set("${METADATA.attempts}", "${ATTEMPT_FACTS.sentBefore}" .. number, headers:get("${SENT_HEADER}") or "unknown")
end
`;

/** At an answer that is no success. */
export const STATUS_SCRIPT = `function envoy_on_response(handle)
  local facts = handle:streamInfo():dynamicMetadata()
  local known = facts:get("${METADATA.attempts}")
  local number = known and known.number or "1"
  facts:set("${METADATA.attempts}", "${ATTEMPT_FACTS.status}" .. number, handle:headers():get(":status"))
end
`;

/** Envoy's own figure; the connection of this attempt, where it is there already, has sent nothing yet. */
export const SENT_VALUE = '%UPSTREAM_WIRE_BYTES_SENT%';

/**
 * The filters that note how attempts end, because Envoy keeps nothing of one when it goes on to the next. They are two with a script each
 * because a script that runs costs about 20 µs: neither does for a single attempt that is answered well.
 */
export const attemptFilters: readonly JsonObject[] = [
  {
    name: 'sallyport.sent',
    typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: {
        request_mutations: [{ append: { header: { key: SENT_HEADER, value: SENT_VALUE }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' } }],
      },
    }),
  },
  skippedAtFirstAttempt('sallyport.attempt', script(SENT_SCRIPT)),
  {
    name: 'sallyport.status',
    typed_config: typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
      xds_matcher: {
        matcher_tree: {
          input: {
            name: 'response-class',
            typed_config: typed('envoy.type.matcher.v3.HttpResponseStatusCodeClassMatchInput'),
          },
          exact_match_map: { map: { '2xx': SKIP } },
        },
      },
      extension_config: { name: 'sallyport.status', typed_config: script(STATUS_SCRIPT) },
    }),
  },
];

function script(text: string): JsonObject {
  return typed('envoy.extensions.filters.http.lua.v3.Lua', { default_source_code: { inline_string: text } });
}
