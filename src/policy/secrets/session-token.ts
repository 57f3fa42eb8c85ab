import type { RunDetector } from '../detect/detector.ts';
import { base64 } from './parts.ts';
import { sourcesOf } from './prefix-tree.ts';

/** The base64 of what session tokens of AWS STS begin with: `origin_ec`, and the older `er/aws`. */
const heads = ['IQoJb3JpZ2lu', 'FwoGZXIvYXdz'];

/** Such a token has no stated length; some hundred to two thousand characters are common. UTF-16 units. */
const tokenMax = 8_192;

/** So much behind its head is no chance. */
const tail = base64(40);

const sources = sourcesOf(
  heads.map((head) => ({ head, rest: [tail] })),
  '',
);

/** A session token of AWS. The key id and the secret beside it are found by their own rules. */
export const sessionTokenDetector: RunDetector = {
  kind: 'run',
  entity: 'secret',
  rule: 'aws-session',
  begin: new RegExp(sources.whole, 'g'),
  beginMax: Math.max(...heads.map((head) => head.length)) + tail.max,
  gate: (text) => heads.some((head) => text.includes(head)),
  open: new RegExp(`(?!$)(?:${sources.beginning})$`),
  end: /(?=[^0-9A-Za-z+/=%])/g,
  endMax: 0,
  lengthMax: tokenMax,
};
