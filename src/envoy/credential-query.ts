import { CREDENTIAL_QUERY_PARAMETERS } from '../core/headers.ts';
import { typed, type JsonObject } from './json.ts';

/** Name of the one policy; Envoy puts it into the details of the refusal. */
const policyName = 'credential_in_query';

/** `response.code_details` of a request that carried a credential in its URL. */
export const CREDENTIAL_IN_QUERY_DETAILS = `rbac_access_denied_matched_policy[${policyName}]`;

/**
 * The first filter: a request with a credential in its URL ends here, before any filter that may write the URL into Envoy's
 * log (body_size_limit does, with its query, at level error). The sidecar refuses such requests as well, in every spelling.
 */
export const credentialQueryFilter: JsonObject = {
  name: 'sallyport.query',
  typed_config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {
    rules: {
      action: 'DENY',
      policies: {
        [policyName]: {
          permissions: [
            {
              header: {
                name: ':path',
                string_match: { safe_regex: { regex: `(?is)[^?]*\\?(.*[&;?])?(${CREDENTIAL_QUERY_PARAMETERS.join('|')})(=.*|[&;].*)?` } },
              },
            },
          ],
          principals: [{ any: true }],
        },
      },
    },
  }),
};
