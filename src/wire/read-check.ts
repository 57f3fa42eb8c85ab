import { fieldNumber } from './definitions.ts';
import { FieldReader } from './field-reader.ts';
import type { CheckHttpMessage, CheckPeerMessage, CheckRequestMessage } from './messages.ts';
import { readHeaderMap } from './read-headers.ts';

const context = 'envoy.service.auth.v3.AttributeContext';
const FIELD = {
  attributes: fieldNumber('envoy.service.auth.v3.CheckRequest', 'attributes'),
  source: fieldNumber(context, 'source'),
  request: fieldNumber(context, 'request'),
  http: fieldNumber(`${context}.Request`, 'http'),
  principal: fieldNumber(`${context}.Peer`, 'principal'),
  certificate: fieldNumber(`${context}.Peer`, 'certificate'),
  method: fieldNumber(`${context}.HttpRequest`, 'method'),
  path: fieldNumber(`${context}.HttpRequest`, 'path'),
  host: fieldNumber(`${context}.HttpRequest`, 'host'),
  headers: fieldNumber(`${context}.HttpRequest`, 'header_map'),
} as const;

/** `envoy.service.auth.v3.CheckRequest`, as far as it is used. Throws a `RangeError` for what is none. */
export function readCheckRequest(bytes: Buffer): CheckRequestMessage {
  const reader = new FieldReader(bytes);
  let message: CheckRequestMessage = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.attributes) {
      message = readAttributes(reader.fields());
    }
  }
  return message;
}

function readAttributes(reader: FieldReader): CheckRequestMessage {
  let source: CheckPeerMessage | undefined;
  let http: CheckHttpMessage | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.source) {
      source = readPeer(reader.fields());
    } else if (field === FIELD.request) {
      http = readRequest(reader.fields());
    }
  }
  return { source, http };
}

function readPeer(reader: FieldReader): CheckPeerMessage {
  let principal = '';
  let certificate = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.principal) {
      principal = reader.text();
    } else if (field === FIELD.certificate) {
      certificate = reader.text();
    }
  }
  return { principal, certificate };
}

function readRequest(reader: FieldReader): CheckHttpMessage | undefined {
  let http: CheckHttpMessage | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.http) {
      http = readHttp(reader.fields());
    }
  }
  return http;
}

function readHttp(reader: FieldReader): CheckHttpMessage {
  let [method, path, host] = ['', '', ''];
  let headers: CheckHttpMessage['headers'] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case FIELD.method:
        method = reader.text();
        break;
      case FIELD.path:
        path = reader.text();
        break;
      case FIELD.host:
        host = reader.text();
        break;
      case FIELD.headers:
        headers = readHeaderMap(reader.fields());
        break;
      default:
    }
  }
  return { method, path, host, headers };
}
