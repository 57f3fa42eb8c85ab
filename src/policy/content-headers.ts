import { deny, type Outcome } from '../core/outcome.ts';
import { headerValues, type Header } from '../core/request.ts';
import { judgeBodySize } from './body-size.ts';

const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** The body must come as plain JSON text: whatever else it could be, the provider might read it differently from us. */
export function judgeContentHeaders(headers: readonly Header[], bodyBytesMax: number): Outcome<null> {
  const types = headerValues(headers, 'content-type');
  const [type] = types;
  if (types.length !== 1 || type === undefined || !jsonType.test(type.trim())) {
    return deny('content_type_unsupported', `${String(types.length)} content types`);
  }
  if (headerValues(headers, 'content-encoding').some((encoding) => encoding.trim().toLowerCase() !== 'identity')) {
    return deny('content_encoding_unsupported');
  }
  const lengths = headerValues(headers, 'content-length');
  if (lengths.length > 1) {
    return deny('request_invalid', 'several content lengths');
  }
  return judgeBodySize(Number(lengths[0] ?? 0), bodyBytesMax);
}
