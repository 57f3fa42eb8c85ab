import { bodySizeHint } from '../core/denials.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';

/** `bytesMax` is `edge.bodyMax`. */
export const judgeBodySize = (bytes: number, bytesMax: number): Outcome<null> =>
  bytes > bytesMax ? deny('body_too_large', `${String(bytes)} bytes`, bodySizeHint(bytesMax)) : next(null);
