import { typed, type JsonObject } from './json.ts';

/** What a matcher says of a filter that is not to run. */
export const SKIP: JsonObject = {
  action: { name: 'skip', typed_config: typed('envoy.extensions.filters.common.matcher.action.v3.SkipFilter') },
};

/** A filter of a provider's cluster that is about attempts after the first; on the ordinary path it does nothing. */
export const skippedAtFirstAttempt = (name: string, config: JsonObject): JsonObject => ({
  name,
  typed_config: typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    xds_matcher: {
      matcher_tree: {
        input: {
          name: 'request-headers',
          typed_config: typed('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: 'x-envoy-attempt-count' }),
        },
        exact_match_map: { map: { '1': SKIP } },
      },
    },
    extension_config: { name, typed_config: config },
  }),
});
