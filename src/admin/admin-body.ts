import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { describeRefusal, type ScanLimits } from '../policy/json/document.ts';
import { scanDocument } from '../policy/json/scan.ts';
import { refuse, type AdminRefusal } from './admin-answer.ts';

const bodyBytesMax = 64 * 1_024;

/** No body here is deeper than a few levels. */
const scanLimits: ScanLimits = { depthMax: 8, valuesMax: 1_000, namesMax: 1_000, nameBytesMax: 128 };

export type ReadBody = { readonly kind: 'body'; readonly value: unknown } | AdminRefusal;

/** The JSON object that a call carries; one with two readings (a name twice, text that is no UTF-8) is none. */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  if (!/^application\/json(?:; ?charset=utf-8)?$/i.test(request.headers['content-type'] ?? '')) {
    return refuse('content_type_unsupported');
  }
  const bytes = await collect(request);
  if (!Buffer.isBuffer(bytes)) {
    return bytes;
  }
  const scan = scanDocument(bytes, scanLimits);
  if (scan.kind === 'refused') {
    return refuse('body_invalid', `There is: ${describeRefusal(scan)}.`);
  }
  return { kind: 'body', value: JSON.parse(bytes.toString('utf8')) };
}

/** True where the head announces a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const collect = async (request: IncomingMessage): Promise<Buffer | AdminRefusal> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) {
      resolve(refuse('body_too_large'));
      return;
    }
    // Who asks is proven first: the client may be gone by now, and no event will say so again.
    if (request.closed) {
      resolve(refuse('body_incomplete'));
      return;
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) {
        request.pause();
        resolve(refuse('body_too_large'));
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    // After `end` too, when it changes nothing any more.
    request.once('close', () => {
      resolve(refuse('body_incomplete'));
    });
  });

/** The body as a handler wants it, or what is wrong with it. */
export function parseBody<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
): { readonly kind: 'parsed'; readonly value: z.output<Shape> } | AdminRefusal {
  const parsed = shape.safeParse(value);
  if (parsed.success) {
    return { kind: 'parsed', value: parsed.data };
  }
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  return refuse('field_invalid', `${where === '' ? '' : `"${where}": `}${issue?.message ?? 'not the documented shape'}`);
}
