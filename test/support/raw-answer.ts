export interface RawAnswer {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** In order, names as sent, duplicates apart. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Chunked encoding undone. */
  readonly body: Buffer;
  /** False when the connection closed inside the body. */
  readonly complete: boolean;
}

export interface Framing {
  readonly bodyless: boolean;
  /** No more bytes will come. */
  readonly isClosed: boolean;
}

/** All values of a header, in order. */
export function headerValues(answer: Pick<RawAnswer, 'headers'>, name: string): readonly string[] {
  return answer.headers.filter(([candidate]) => candidate.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** The first answer in these bytes and how many of them it takes; `undefined` while it is not all there. Throws on what is not HTTP/1. */
export function parseAnswer(bytes: Buffer, framing: Framing): { readonly answer: RawAnswer; readonly length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    return undefined;
  }
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const found = /^HTTP\/(1\.[01]) (\d{3}) ?(.*)$/u.exec(statusLine);
  if (found === null) {
    throw new Error(`not the status line of an HTTP/1 answer: ${statusLine}`);
  }
  const [, version = '', status = '', reason = ''] = found;
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const);
  const rest = bytes.subarray(headEnd + 4);
  const code = Number(status);
  const bodyless = framing.bodyless || code < 200 || code === 204 || code === 304;
  const body = bodyless ? { body: rest.subarray(0, 0), length: 0, complete: true } : parseBody(rest, headers, framing.isClosed);
  if (body === undefined) {
    return undefined;
  }
  const answer: RawAnswer = { version, status: code, reason, headers, body: body.body, complete: body.complete };
  return { answer, length: headEnd + 4 + body.length };
}

interface Body {
  readonly body: Buffer;
  readonly length: number;
  readonly complete: boolean;
}

function parseBody(bytes: Buffer, headers: RawAnswer['headers'], isClosed: boolean): Body | undefined {
  const toTheEnd = (complete: boolean): Body => ({ body: bytes, length: bytes.length, complete });
  if (headerValues({ headers }, 'transfer-encoding').join().toLowerCase() === 'chunked') {
    return parseChunked(bytes, isClosed);
  }
  const [declared] = headerValues({ headers }, 'content-length');
  if (declared === undefined) {
    return isClosed ? toTheEnd(true) : undefined;
  }
  const length = Number(declared);
  if (bytes.length < length) {
    return isClosed ? toTheEnd(false) : undefined;
  }
  return { body: bytes.subarray(0, length), length, complete: true };
}

function parseChunked(bytes: Buffer, isClosed: boolean): Body | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = lineEnd < 0 ? NaN : Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (Number.isNaN(size) || bytes.length < end) {
      return isClosed ? { body: Buffer.concat(parts), length: bytes.length, complete: false } : undefined;
    }
    if (size === 0) {
      return { body: Buffer.concat(parts), length: end, complete: true };
    }
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = end;
  }
}
