import { CREDENTIAL_HEADERS } from '../core/headers.ts';
import { BackwardWriter } from './backward-writer.ts';
import { putContentLength } from './content-length.ts';
import { encoderOf, fieldNumber } from './definitions.ts';
import { EncodedMessage } from './encoded.ts';
import { BODY_BUFFERED, BODY_STREAMED, HEADERS_SEND, type ProcessingModeMessage, type ProcessingResponseMessage } from './messages.ts';

/**
 * Both body modes in every override: Envoy takes them literally, and one left out would turn that phase off.
 * Response phases are on from here only, so that a local reply of Envoy's opens no stream of its own.
 * STREAMED until the head of the answer was judged: what arrives of a body meanwhile then stops the reading. In BUFFERED mode
 * it is collected, and more of it than the listener's buffer holds is a 500 after the provider has billed.
 */
const streamResponse: ProcessingModeMessage = {
  response_header_mode: HEADERS_SEND,
  request_body_mode: BODY_BUFFERED,
  response_body_mode: BODY_STREAMED,
};
const bufferResponse: ProcessingModeMessage = { ...streamResponse, response_body_mode: BODY_BUFFERED };

/** Credentials end here at the latest; compressed answers could not be read by any later check. */
const alwaysRemoved: readonly string[] = [...CREDENTIAL_HEADERS, 'accept-encoding', 'expect'];

const encode: (message: ProcessingResponseMessage) => Buffer = encoderOf('envoy.service.ext_proc.v3.ProcessingResponse');

const leaveBehind = (names: readonly string[]): EncodedMessage =>
  new EncodedMessage(
    encode({ request_headers: { response: { header_mutation: { remove_headers: names } } }, mode_override: streamResponse }),
  );
const toBody = leaveBehind(alwaysRemoved);

/** Goes on to the body, and leaves behind the headers that no provider gets (`unforwarded`, by name). */
export function continueToBody(unforwarded: readonly string[] = []): EncodedMessage {
  const more = unforwarded.filter((name) => !alwaysRemoved.includes(name));
  return more.length === 0 ? toBody : leaveBehind([...alwaysRemoved, ...more]);
}

const streamAnswer = new EncodedMessage(encode({ response_headers: { response: {} }, mode_override: streamResponse }));
const bufferAnswer = new EncodedMessage(encode({ response_headers: { response: {} }, mode_override: bufferResponse }));

/** The answer needs no edit: passed on as it comes, each piece seen. */
export const passResponseHeaders = (streamed: boolean): EncodedMessage => (streamed ? streamAnswer : bufferAnswer);

/** What digests of the bytes as they were would say of others. */
const ofOldBytes: readonly string[] = ['content-length', 'etag', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

const bufferEdited = new EncodedMessage(
  encode({ response_headers: { response: { header_mutation: { remove_headers: ofOldBytes } } }, mode_override: bufferResponse }),
);

/** The answer will be edited as a whole. */
export const bufferResponseHeaders = (): EncodedMessage => bufferEdited;

const editAnswer = new EncodedMessage(
  encode({ response_headers: { response: { header_mutation: { remove_headers: ofOldBytes } } }, mode_override: streamResponse }),
);

/** The answer will be edited as it comes: a length that its head names would be wrong. */
export const editResponseHeaders = (): EncodedMessage => editAnswer;

const passed = new EncodedMessage(encode({ response_body: { response: {} } }));

export const passResponseBody = (): EncodedMessage => passed;

const FIELD = {
  responseBody: fieldNumber('envoy.service.ext_proc.v3.ProcessingResponse', 'response_body'),
  response: fieldNumber('envoy.service.ext_proc.v3.BodyResponse', 'response'),
  headers: fieldNumber('envoy.service.ext_proc.v3.CommonResponse', 'header_mutation'),
  body: fieldNumber('envoy.service.ext_proc.v3.CommonResponse', 'body_mutation'),
  bytes: fieldNumber('envoy.service.ext_proc.v3.BodyMutation', 'body'),
} as const;
const wholeBytesMax = 128;

/** A body that came whole gets its length back: Envoy took it away when the answer might have been streamed. */
export function passResponseWhole(bytes: number): EncodedMessage {
  const writer = new BackwardWriter(wholeBytesMax);
  const { end } = writer;
  putContentLength(writer, bytes);
  writer.embed(FIELD.headers, end);
  writer.embed(FIELD.response, end);
  writer.embed(FIELD.responseBody, end);
  return new EncodedMessage(writer.written());
}

/** Tags and lengths. */
const framingBytesMax = 64;

/** Other bytes in the place of a whole answer, and their length. */
export function replaceResponseWhole(bytes: Uint8Array): EncodedMessage {
  const writer = new BackwardWriter(bytes.length + wholeBytesMax);
  const { end } = writer;
  writer.put(bytes);
  writer.embed(FIELD.bytes, end);
  writer.embed(FIELD.body, end);
  const body = writer.end;
  putContentLength(writer, bytes.length);
  writer.embed(FIELD.headers, body);
  writer.embed(FIELD.response, end);
  writer.embed(FIELD.responseBody, end);
  return new EncodedMessage(writer.written());
}

/** Other bytes in the place of a piece of the answer; none where nothing of it is to be sent now. */
export function replaceResponseBody(bytes: Uint8Array): EncodedMessage {
  const writer = new BackwardWriter(bytes.length + framingBytesMax);
  const { end } = writer;
  writer.put(bytes);
  writer.embed(FIELD.bytes, end);
  writer.embed(FIELD.body, end);
  writer.embed(FIELD.response, end);
  writer.embed(FIELD.responseBody, end);
  return new EncodedMessage(writer.written());
}
