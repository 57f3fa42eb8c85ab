/**
 * The messages as proto-loader hands them over and takes them: names as in protos/, absent members left out.
 * Everything that arrives may be absent, whatever Envoy promises.
 */
export interface HeaderValueMessage {
  readonly key?: string;
  readonly value?: string;
  readonly raw_value?: Buffer;
}
export interface HeaderMapMessage {
  readonly headers?: readonly HeaderValueMessage[];
}

/** google.protobuf.Struct. Its members are camel-cased whatever the loader is told (protobufjs's own well-known types). */
export interface StructMessage {
  readonly fields?: Readonly<Record<string, ValueMessage>>;
}
export interface ValueMessage {
  readonly stringValue?: string;
  readonly numberValue?: number;
  readonly boolValue?: boolean;
  readonly structValue?: StructMessage;
  readonly listValue?: { readonly values?: readonly ValueMessage[] };
}

export interface MetadataMessage {
  readonly filter_metadata?: Readonly<Record<string, StructMessage>>;
}

export interface CheckRequestMessage {
  readonly attributes?: {
    readonly source?: { readonly principal?: string; readonly certificate?: string };
    readonly request?: {
      readonly http?: { readonly method?: string; readonly path?: string; readonly host?: string; readonly header_map?: HeaderMapMessage };
    };
  };
}

export interface HeaderValueOptionMessage {
  readonly header: { readonly key: string; readonly value?: string; readonly raw_value?: Buffer };
  readonly append_action: number;
}

export interface CheckResponseMessage {
  readonly status: { readonly code: number };
  readonly denied_response?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderValueOptionMessage[];
    readonly body: string;
  };
  readonly ok_response?: { readonly headers_to_remove: readonly string[] };
  readonly dynamic_metadata?: StructMessage;
}

export interface HttpHeadersMessage {
  readonly headers?: HeaderMapMessage;
  readonly end_of_stream?: boolean;
}
export interface HttpBodyMessage {
  readonly body?: Buffer;
  readonly end_of_stream?: boolean;
}

export interface ProcessingRequestMessage {
  /** Which of the members below is set. */
  readonly request?: string;
  readonly request_headers?: HttpHeadersMessage;
  readonly response_headers?: HttpHeadersMessage;
  readonly request_body?: HttpBodyMessage;
  readonly response_body?: HttpBodyMessage;
  readonly metadata_context?: MetadataMessage;
  readonly attributes?: Readonly<Record<string, StructMessage>>;
  readonly observability_mode?: boolean;
  readonly protocol_config?: { readonly request_body_mode?: number; readonly response_body_mode?: number };
}

export interface HeaderMutationMessage {
  readonly set_headers?: readonly HeaderValueOptionMessage[];
  readonly remove_headers?: readonly string[];
}
export interface CommonResponseMessage {
  readonly header_mutation?: HeaderMutationMessage;
  readonly body_mutation?: { readonly body: Buffer };
  readonly clear_route_cache?: boolean;
}

export interface ProcessingModeMessage {
  readonly response_header_mode: number;
  readonly request_body_mode: number;
  readonly response_body_mode: number;
}

export interface ProcessingResponseMessage {
  readonly request_headers?: { readonly response: CommonResponseMessage };
  readonly response_headers?: { readonly response: CommonResponseMessage };
  readonly request_body?: { readonly response: CommonResponseMessage };
  readonly response_body?: { readonly response: CommonResponseMessage };
  readonly immediate_response?: {
    readonly status: { readonly code: number };
    readonly headers: HeaderMutationMessage;
    readonly body: Buffer;
    readonly details: string;
  };
  readonly dynamic_metadata?: StructMessage;
  readonly mode_override?: ProcessingModeMessage;
}

export interface DiscoveryRequestMessage {
  readonly version_info?: string;
  readonly resource_names?: readonly string[];
  readonly type_url?: string;
  readonly response_nonce?: string;
  readonly error_detail?: { readonly code?: number };
}
export interface DiscoveryResponseMessage {
  readonly version_info: string;
  readonly resources: readonly { readonly type_url: string; readonly value: Buffer }[];
  readonly type_url: string;
  readonly nonce: string;
}

/** envoy.config.core.v3.HeaderValueOption.HeaderAppendAction: the documented default appends, so it is always said. */
export const OVERWRITE_OR_ADD = 2;

/** envoy.extensions.filters.http.ext_proc.v3.ProcessingMode. */
export const HEADERS_SEND = 1;
export const BODY_STREAMED = 1;
export const BODY_BUFFERED = 2;
