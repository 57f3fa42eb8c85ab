import type { RunDetector } from '../detect/detector.ts';
import { base64, type Stretch, url } from './parts.ts';
import { sourcesOf } from './prefix-tree.ts';
import { lengthMaxOf } from './shape.ts';

/** More than proxies take as a header is none. UTF-16 units. */
const tokenMax = 8_192;

/** Characters of base64, and of its escapes in URLs. */
const base64End = /(?=[^0-9A-Za-z+/=%])/g;

/** What begins so, with `tail` behind it, goes on up to the first character that no such token has. */
function longToken(rule: string, heads: readonly string[], tail: Stretch, end: RegExp): RunDetector {
  const sources = sourcesOf(
    heads.map((head) => ({ head, rest: [tail] })),
    '',
  );
  return {
    kind: 'run',
    entity: 'secret',
    rule,
    begin: new RegExp(sources.whole, 'g'),
    beginMax: Math.max(...heads.map((head) => lengthMaxOf([head, tail]))),
    gate: (text) => heads.some((head) => text.includes(head)),
    open: new RegExp(`(?!$)(?:${sources.beginning})$`),
    end,
    endMax: 0,
    lengthMax: tokenMax,
  };
}

/** Tokens of no stated length, which hold other tokens, signed addresses or keys: some hundred to some thousand characters are common. */
export const longTokenDetectors: readonly RunDetector[] = [
  // A session token of AWS STS, by the base64 of `origin_ec` and of the older `er/aws`. The key id and the secret have rules of their own.
  longToken('aws-session', ['IQoJb3JpZ2lu', 'FwoGZXIvYXdz'], base64(40), base64End),
  // A signed address of Amazon Bedrock.
  longToken('bedrock', ['bedrock-api-key-'], base64(40), base64End),
  // The keys of an account, as JSON.
  longToken('1password-service', ['ops_eyJ'], base64(40), base64End),
  // Macaroons.
  longToken('fly', ['fm1a_', 'fm1r_', 'fm2_'], base64(80), base64End),
  // Up to 2,048 bytes by Google's own page.
  longToken('google-access-token', ['ya29.'], url(40), /(?=[^\w-])/g),
];
