import type { RunDetector } from '../detect/detector.ts';
import { base64, type Stretch, url } from './parts.ts';
import { type Form, sourcesOf } from './prefix-tree.ts';
import { lengthMaxOf } from './shape.ts';

/** More than proxies take as a header is none. UTF-16 units. */
const tokenMax = 8_192;

/** Characters of base64, and of its escapes in URLs. */
const base64End = /(?=[^0-9A-Za-z+/=%])/g;

/** What begins so, with `tail` behind it, goes on up to the first character that no such token has. */
interface LongToken {
  readonly rule: string;
  readonly heads: readonly string[];
  readonly tail: Stretch;
  readonly end: RegExp;
}

/** Tokens of no stated length, which hold other tokens, signed addresses or keys: some hundred to some thousand characters are common. */
const longTokens: readonly LongToken[] = [
  // A session token of AWS STS, by the base64 of `origin_ec` and of the older `er/aws`. The key id and the secret have rules of their own.
  { rule: 'aws-session', heads: ['IQoJb3JpZ2lu', 'FwoGZXIvYXdz'], tail: base64(40), end: base64End },
  // A signed address of Amazon Bedrock.
  { rule: 'bedrock', heads: ['bedrock-api-key-'], tail: base64(40), end: base64End },
  // The keys of an account, as JSON.
  { rule: '1password-service', heads: ['ops_eyJ'], tail: base64(40), end: base64End },
  // Macaroons.
  { rule: 'fly', heads: ['fm1a_', 'fm1r_', 'fm2_'], tail: base64(80), end: base64End },
  // Up to 2,048 bytes by Google's own page.
  { rule: 'google-access-token', heads: ['ya29.'], tail: url(40), end: /(?=[^\w-])/g },
];

const formsOf = ({ heads, tail }: LongToken): readonly Form[] => heads.map((head) => ({ head, rest: [tail] }));

/** One for all of them: it is asked at every chunk of a stream. */
const open = new RegExp(`(?!$)(?:${sourcesOf(longTokens.flatMap(formsOf), '').beginning})$`);

export const longTokenDetectors: readonly RunDetector[] = longTokens.map((token) => {
  const { rule, heads, tail, end } = token;
  return {
    kind: 'run',
    entity: 'secret',
    rule,
    begin: new RegExp(sourcesOf(formsOf(token), '').whole, 'g'),
    beginMax: Math.max(...heads.map((head) => lengthMaxOf([head, tail]))),
    gate: (text) => heads.some((head) => text.includes(head)),
    open,
    end,
    endMax: 0,
    lengthMax: tokenMax,
  };
});
