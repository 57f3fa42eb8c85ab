import { deny, next, type Outcome } from '../core/outcome.ts';
import { sizeText } from '../core/units.ts';

/** `bytesMax` is `edge.bodyMax`. */
export const judgeBodySize = (bytes: number, bytesMax: number): Outcome<null> =>
  bytes > bytesMax ? deny('body_too_large', `${String(bytes)} bytes`, bodySizeHint(bytesMax)) : next(null);

/** What a client is told about the limit. */
export const bodySizeHint = (bytesMax: number): string => `At most ${sizeText(bytesMax)} are taken.`;
