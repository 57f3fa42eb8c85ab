import type { Header } from '../core/request.ts';

/**
 * The messages as they are handed over and taken: names as in protos/, absent members left out or undefined.
 * Everything that arrives may be absent, whatever Envoy promises.
 */
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

/** What is used of `envoy.service.auth.v3.CheckRequest`. */
export interface CheckRequestMessage {
  readonly source?: CheckPeerMessage | undefined;
  readonly http?: CheckHttpMessage | undefined;
}
export interface CheckPeerMessage {
  readonly principal: string;
  readonly certificate: string;
}
export interface CheckHttpMessage {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: readonly Header[];
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
  readonly headers: readonly Header[];
  readonly end_of_stream: boolean;
}
export interface HttpBodyMessage {
  readonly body: Buffer | undefined;
  readonly end_of_stream: boolean;
}
export interface ProtocolConfigurationMessage {
  readonly request_body_mode: number;
}

/** What is used of `envoy.service.ext_proc.v3.ProcessingRequest`. */
export interface ProcessingRequestMessage {
  /** Which member of the oneof is set; trailers have none here, since none are ever asked for. */
  readonly request?:
    'request_headers' | 'response_headers' | 'request_body' | 'response_body' | 'request_trailers' | 'response_trailers' | undefined;
  readonly request_headers?: HttpHeadersMessage;
  readonly response_headers?: HttpHeadersMessage;
  readonly request_body?: HttpBodyMessage;
  readonly response_body?: HttpBodyMessage;
  readonly metadata_context: MetadataMessage | undefined;
  readonly attributes: Readonly<Record<string, StructMessage>> | undefined;
  readonly observability_mode: boolean;
  readonly protocol_config: ProtocolConfigurationMessage | undefined;
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
