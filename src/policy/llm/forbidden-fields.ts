/**
 * Fields that would take a decision out of this gateway's hands if the upstream is itself a gateway (LiteLLM, Bifrost, OpenRouter, vLLM):
 * where the request goes, with whose credential, to which model, or whether it goes anywhere at all.
 */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  // Where the request goes.
  'api_base',
  'base_url',
  'api_type',
  'api_version',
  'custom_llm_provider',
  'deployment_url',
  'provider',
  'provider_url',
  'proxy',
  'region_name',
  'kv_transfer_params',
  'ssl_verify',
  // With whose credential, on whose account.
  'api_key',
  'client_secret',
  'extra_headers',
  'headers',
  'organization',
  'billing_policy',
  'tenant_id',
  // What else is sent: a client library's own parameters, which it spreads over the request.
  'extra_body',
  'extra_query',
  // To which model.
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'deployment_id',
  'engine',
  'fallbacks',
  'model_list',
  'models',
  'preset',
  'route',
  'prompt_id',
  'user_config',
  // To whom it is copied, and at what price it is counted.
  'callbacks',
  'failure_callback',
  'input_cost_per_token',
  'output_cost_per_token',
  'success_callback',
]);

/** Families of such fields: cloud credentials and endpoints, LiteLLM's own parameters, made-up answers, logging services. */
const FORBIDDEN_PREFIXES = [
  'aws_',
  'azure_',
  'gcs_',
  'langfuse_',
  'langsmith_',
  'litellm_',
  'mock_',
  's3_',
  'sagemaker_',
  'vertex_',
  'watsonx_',
];

/**
 * A name as Go's encoding/json matches it to a field: letter case aside, and with the two other characters that fold to ASCII
 * (U+017F to s, U+212A to k). A provider written in Go reads `Model` as `model`.
 */
export const foldName = (name: string): string => name.replaceAll('\u017f', 's').toLowerCase();

/** The rule, an exact name or `prefix*`, that forbids the folded name; undefined where none does. */
export function forbiddenBy(folded: string): string | undefined {
  if (FORBIDDEN_NAMES.has(folded)) {
    return folded;
  }
  const prefix = FORBIDDEN_PREFIXES.find((start) => folded.startsWith(start));
  return prefix === undefined ? undefined : `${prefix}*`;
}
