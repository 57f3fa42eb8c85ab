import { never } from '../core/assert.ts';
import { fieldNumber } from './definitions.ts';
import { FieldReader } from './field-reader.ts';
import type {
  HttpBodyMessage,
  HttpHeadersMessage,
  MetadataMessage,
  ProcessingRequestMessage,
  ProtocolConfigurationMessage,
  StructMessage,
} from './messages.ts';
import { readHeaderMap } from './read-headers.ts';
import { readStructEntry } from './read-struct.ts';

const namespace = 'envoy.service.ext_proc.v3';

const numberOf = (field: string): number => fieldNumber(`${namespace}.ProcessingRequest`, field);

/** What a message may be about: the members of its oneof. */
const KINDS: ReadonlyMap<number, NonNullable<ProcessingRequestMessage['request']>> = new Map(
  (['request_headers', 'response_headers', 'request_body', 'response_body', 'request_trailers', 'response_trailers'] as const).map(
    (kind) => [numberOf(kind), kind],
  ),
);
const FIELD = {
  metadata: numberOf('metadata_context'),
  attributes: numberOf('attributes'),
  observability: numberOf('observability_mode'),
  configuration: numberOf('protocol_config'),
  headers: fieldNumber(`${namespace}.HttpHeaders`, 'headers'),
  headersEnd: fieldNumber(`${namespace}.HttpHeaders`, 'end_of_stream'),
  body: fieldNumber(`${namespace}.HttpBody`, 'body'),
  bodyEnd: fieldNumber(`${namespace}.HttpBody`, 'end_of_stream'),
  filterMetadata: fieldNumber('envoy.config.core.v3.Metadata', 'filter_metadata'),
  requestBodyMode: fieldNumber(`${namespace}.ProtocolConfiguration`, 'request_body_mode'),
} as const;

/** `envoy.service.ext_proc.v3.ProcessingRequest`, as far as it is used. Throws a `RangeError` for what is none. */
export function readProcessingRequest(bytes: Buffer): ProcessingRequestMessage {
  const reader = new FieldReader(bytes);
  let request: ProcessingRequestMessage['request'];
  let subject: FieldReader | undefined;
  let metadata: MetadataMessage | undefined;
  let attributes: Record<string, StructMessage> | undefined;
  let observability = false;
  let configuration: ProtocolConfigurationMessage | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const kind = KINDS.get(field);
    if (kind !== undefined) {
      request = kind;
      subject = reader.fields();
    } else if (field === FIELD.metadata) {
      metadata = readMetadata(reader.fields());
    } else if (field === FIELD.attributes) {
      attributes ??= {};
      readStructEntry(reader.fields(), attributes);
    } else if (field === FIELD.configuration) {
      configuration = readConfiguration(reader.fields());
    } else if (field === FIELD.observability) {
      observability = reader.number() !== 0;
    }
  }
  return {
    ...subjectOf(request, subject),
    metadata_context: metadata,
    attributes,
    observability_mode: observability,
    protocol_config: configuration,
  };
}

/** The one member of the oneof that counts: the last one. */
function subjectOf(
  request: ProcessingRequestMessage['request'],
  subject: FieldReader | undefined,
): Pick<ProcessingRequestMessage, 'request' | 'request_headers' | 'request_body' | 'response_headers' | 'response_body'> {
  if (request === undefined || subject === undefined) {
    return {};
  }
  switch (request) {
    case 'request_headers':
      return { request, request_headers: readHeaders(subject) };
    case 'response_headers':
      return { request, response_headers: readHeaders(subject) };
    case 'request_body':
      return { request, request_body: readBody(subject) };
    case 'response_body':
      return { request, response_body: readBody(subject) };
    case 'request_trailers':
    case 'response_trailers':
      return { request };
    default:
      return never(request);
  }
}

function readHeaders(reader: FieldReader): HttpHeadersMessage {
  let headers: HttpHeadersMessage['headers'] = [];
  let isEnd = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.headers) {
      headers = readHeaderMap(reader.fields());
    } else if (field === FIELD.headersEnd) {
      isEnd = reader.number() !== 0;
    }
  }
  return { headers, end_of_stream: isEnd };
}

function readBody(reader: FieldReader): HttpBodyMessage {
  let body: Buffer | undefined;
  let isEnd = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.body) {
      body = reader.bytes();
    } else if (field === FIELD.bodyEnd) {
      isEnd = reader.number() !== 0;
    }
  }
  return { body, end_of_stream: isEnd };
}

function readMetadata(reader: FieldReader): MetadataMessage {
  const structs: Record<string, StructMessage> = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.filterMetadata) {
      readStructEntry(reader.fields(), structs);
    }
  }
  return { filter_metadata: structs };
}

function readConfiguration(reader: FieldReader): ProtocolConfigurationMessage {
  let mode = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.requestBodyMode) {
      mode = reader.number();
    }
  }
  return { request_body_mode: mode };
}
