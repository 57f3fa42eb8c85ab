const http = 'envoy.extensions.filters.http';

/** Message types by which a configuration says what an extension is; names of filters are free text. */
export const TYPE = {
  connectionManager: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  matched: 'envoy.extensions.common.matching.v3.ExtensionWithMatcher',
  bodyLimit: `${http}.body_size_limit.v3.BodySizeLimit`,
  authz: `${http}.ext_authz.v3.ExtAuthz`,
  authzPerRoute: `${http}.ext_authz.v3.ExtAuthzPerRoute`,
  proc: `${http}.ext_proc.v3.ExternalProcessor`,
  procPerRoute: `${http}.ext_proc.v3.ExtProcPerRoute`,
  router: `${http}.router.v3.Router`,
  rbac: `${http}.rbac.v3.RBAC`,
  injector: `${http}.credential_injector.v3.CredentialInjector`,
  genericCredential: 'envoy.extensions.http.injected_credentials.generic.v3.Generic',
  headerMutation: `${http}.header_mutation.v3.HeaderMutation`,
  lua: `${http}.lua.v3.Lua`,
  upstreamCodec: `${http}.upstream_codec.v3.UpstreamCodec`,
  earlyHeaderMutation: 'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
  filterConfig: 'envoy.config.route.v3.FilterConfig',
  priorityGroups: 'envoy.extensions.router.cluster_specifiers.priority_group.v3.PriorityGroupClusterSpecifier',
  httpOptions: 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
  downstreamTls: 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
  upstreamTls: 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
  grpcAccessLog: 'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig',
  attemptCountInput: 'envoy.type.matcher.v3.HttpRequestHeaderMatchInput',
  statusClassInput: 'envoy.type.matcher.v3.HttpResponseStatusCodeClassMatchInput',
  skipFilter: 'envoy.extensions.filters.common.matcher.action.v3.SkipFilter',
} as const;
