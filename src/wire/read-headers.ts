import type { Header } from '../core/request.ts';
import { fieldNumber } from './definitions.ts';
import type { FieldReader } from './field-reader.ts';

const FIELD = {
  headers: fieldNumber('envoy.config.core.v3.HeaderMap', 'headers'),
  key: fieldNumber('envoy.config.core.v3.HeaderValue', 'key'),
  value: fieldNumber('envoy.config.core.v3.HeaderValue', 'value'),
  rawValue: fieldNumber('envoy.config.core.v3.HeaderValue', 'raw_value'),
} as const;

/** The headers of a HeaderMap in their order, duplicates apart. */
export function readHeaderMap(map: FieldReader): readonly Header[] {
  const headers: Header[] = [];
  for (let field = map.next(); field !== 0; field = map.next()) {
    if (field === FIELD.headers) {
      headers.push(readHeader(map.fields()));
    }
  }
  return headers;
}

/** Raw bytes as Latin-1 text: one byte, one character, so nothing that a later reader sees differently is lost. */
function readHeader(header: FieldReader): Header {
  let name = '';
  let value = '';
  let rawValue = '';
  for (let field = header.next(); field !== 0; field = header.next()) {
    if (field === FIELD.key) {
      name = header.text();
    } else if (field === FIELD.rawValue) {
      rawValue = header.latin1();
    } else if (field === FIELD.value) {
      value = header.text();
    }
  }
  return { name, value: rawValue === '' ? value : rawValue };
}
