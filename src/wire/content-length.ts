import type { BackwardWriter } from './backward-writer.ts';
import { encoderOf, fieldNumber } from './definitions.ts';
import { OVERWRITE_OR_ADD } from './messages.ts';

const encodeOption: (message: { readonly append_action: number }) => Buffer = encoderOf('envoy.config.core.v3.HeaderValueOption');
const encodeHeader: (message: { readonly key: string }) => Buffer = encoderOf('envoy.config.core.v3.HeaderValue');

const FIELD = {
  setHeader: fieldNumber('envoy.service.ext_proc.v3.HeaderMutation', 'set_headers'),
  header: fieldNumber('envoy.config.core.v3.HeaderValueOption', 'header'),
  value: fieldNumber('envoy.config.core.v3.HeaderValue', 'raw_value'),
} as const;
const overwrite = encodeOption({ append_action: OVERWRITE_OR_ADD });
const name = encodeHeader({ key: 'content-length' });

/** The length of a body as one more header of a HeaderMutation; takes fewer than 64 bytes. */
export function putContentLength(writer: BackwardWriter, bytes: number): void {
  const optionEnd = writer.end;
  writer.put(overwrite);
  const headerEnd = writer.end;
  writer.putText(String(bytes));
  writer.embed(FIELD.value, headerEnd);
  writer.put(name);
  writer.embed(FIELD.header, headerEnd);
  writer.embed(FIELD.setHeader, optionEnd);
}
