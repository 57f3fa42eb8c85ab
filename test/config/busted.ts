/** A settings file with one defect, `busted_<name>.yaml`, and what `sallyport check` must say of it after the file’s name. */
export interface Busted {
  readonly name: string;
  readonly says: string;
}

export const BUSTED: readonly Busted[] = [
  { name: 'unknown_key', says: ':7 edge.bodymax: unknown key (did you mean "bodyMax"?); known here: listen, certificate,' },
  { name: 'duplicate_key', says: ':6: Map keys must be unique' },
  { name: 'pasted_key', says: ':9: this looks like a secret; put it into a secret store' },
  { name: 'random_value', says: ':14: this looks like a secret; put it into a secret store' },
  { name: 'unknown_provider', says: ':12 models.gpt-4o-mini.targets.0.provider: unknown provider "opnai" (did you mean "openai"?)' },
  { name: 'unknown_store', says: ':9 providers.openai.credential.secret: unknown secret store "aws"' },
  { name: 'unknown_policy', says: ':16 teams.finance.policy: unknown policy "standart" (did you mean "standard"?)' },
  { name: 'unknown_model', says: ':15 policies.standard.models.0: "gpt-5*" matches no declared model' },
  {
    name: 'plain_http',
    says: ':9 providers.openai.url: use https; plain http is for private and loopback addresses that are allowed explicitly',
  },
  { name: 'private_address', says: ':9 providers.openai.url: the address 10.1.2.3 is private, local or reserved; allow it explicitly' },
  { name: 'metadata_address', says: ':9 providers.openai.url: the address 169.254.169.254 is private, local or reserved' },
  {
    name: 'same_socket',
    says: ':3 listen: "unix:run/sallyport.sock" is used twice; decisions, keys and the admin API need sockets of their own',
  },
  { name: 'unequal_listeners', says: ':5 listen.sds: there are 1 sds listeners but 2 grpc listeners; give each process one of both' },
  { name: 'tcp_without_tls', says: ':7 edge.sidecarTls: needed because a listener uses TCP' },
  { name: 'reserved_name', says: ':9 providers.sallyport: this name belongs to the sidecar’s own clusters; choose another' },
  { name: 'two_teams', says: ':18 teams.sales.clients.0: client "app" already belongs to team "finance"; a client has one team' },
  { name: 'bad_duration', says: ':7 edge.timeouts.headers: use a duration such as 250ms, 10s, 5m or 2h, from 100ms to 600000ms' },
  { name: 'bad_network', says: ':15 policies.standard.networks.0: "10.1.2.3/8" is no network; use CIDR form' },
  { name: 'future_key', says: ':15 policies.standard.residency: unknown key; known here: models,' },
  { name: 'masking_entity', says: ':14 policies.standard.masking.request.entities.0: unknown entity "emal" (did you mean "email"?)' },
  {
    name: 'masking_secret',
    says: ':14 policies.standard.masking.request.entities.secret: a secret is never brought back: use redact or block',
  },
  {
    name: 'masking_action',
    says: ':14 policies.standard.masking.response.entities: use a list of entities, or for each one of the actions log, redact, block',
  },
  { name: 'masking_pass', says: ':14 policies.standard.masking.request.pass.0: ' },
  { name: 'limit_window', says: ':14 policies.standard.limits.requests: unknown window "mim" (did you mean "min"?); use COUNT/WINDOW' },
  { name: 'limit_unit', says: ':14 policies.standard.limits.tokens: unknown multiplier "K" (k, M or G)' },
  { name: 'limit_zero', says: ':14 policies.standard.limits.requests: the count must be from 1 to' },
  { name: 'limit_zero_window', says: ':14 policies.standard.limits.requests: the window must be from 1s to 31day' },
  { name: 'limit_kind', says: ':14 policies.standard.limits.request: unknown key (did you mean "requests"?)' },
  { name: 'budget_period', says: ':14 policies.standard.limits.budget: unknown period "moth" (did you mean "month"?)' },
  { name: 'budget_currency', says: ':14 policies.standard.limits.budget: unknown currency "EUR": prices are in USD' },
  {
    name: 'limit_model',
    says: ':14 policies.standard.limits.concurrent: model "gpt-4o-mni" is not declared here (did you mean "gpt-4o-mini"?)',
  },
  { name: 'output_default', says: ':11 models.gpt-4o-mini.output.default: larger than output.max (8000)' },
  { name: 'timezone', says: ':16 organisations.acme.timezone: use a time zone of the IANA database' },
  { name: 'organisation_team', says: ':16 organisations.acme.teams.0: unknown team "finanse" (did you mean "finance"?)' },
  { name: 'approval_without_admin', says: ':11 models.gpt-4o-mini.approval: approvals are asked for and granted through the admin API' },
  { name: 'unequal_admin', says: ':6 listen.admin: there are 1 admin listeners but 2 grpc listeners; give each process one of both' },
  {
    name: 'pattern_unbounded',
    says: ':15 patterns.employee-id.regex: "*" and "+" have no end; say how often at most: {0,20}, {1,20}',
  },
  { name: 'pattern_longest', says: ':15 patterns.employee-id.regex: a match can have 44 characters' },
  { name: 'pattern_empty', says: ':15 patterns.employee-id.regex: it matches the empty text; say what must be there' },
  {
    name: 'pattern_re2',
    says: ':15 patterns.employee-id.regex: RE2 cannot read this: error parsing regexp: invalid character class range',
  },
  { name: 'pattern_lookahead', says: ':15 patterns.employee-id.regex: of groups there are "(…)" and "(?:…)"' },
  { name: 'pattern_costly', says: ':15 patterns.employee-id.regex: too costly: ' },
  { name: 'pattern_name', says: ':15 patterns.email: this name is built in; choose another' },
  { name: 'pattern_length', says: ':15 patterns.employee-id.longest: Too big: expected number to be <=256' },
  { name: 'patterns_many', says: ':15 patterns: declare 32 patterns at most' },
];
