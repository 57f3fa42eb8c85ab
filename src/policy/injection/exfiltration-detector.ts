import { contextMax, type PatternDetector } from '../detect/detector.ts';
import type { Ranked } from '../detect/detector-set.ts';
import { carriesData, dataPattern } from './exfiltration.ts';

const hostMax = 253;
/** What is looked at behind the host, UTF-16 units: a link that is longer is hidden up to here, which breaks it. */
const restMax = 1_000;

const urlChar = String.raw`[^\s)"'<>]`;
/** A page completes an address without a scheme by its own. */
const url = String.raw`(?:https?:)?[\\/]{2}([^\s\\/?#)"'<>]{1,${String(hostMax)}})(${urlChar}{0,${String(restMax)}})`;
/** From the bracket on that opens the address: what stands in the brackets before it may be of any length. */
const markdown = String.raw`\](?:\([\s<]{0,4}|:[\s<]{1,4})`;
const attribute = String.raw`\bsrc=["']?`;

const slashes = String.raw`[\\/](?:[\\/]${urlChar}{0,${String(hostMax + restMax)}})?`;
const urlBeginning = `(?:${slashes}|h(?:t(?:t(?:ps?(?::(?:${slashes})?)?)?)?)?)?`;
const open = new RegExp(String.raw`(?:\](?:[(:][\s<]{0,4}${urlBeginning})?|\bs(?:r(?:c(?:=["']?${urlBeginning})?)?)?)$`, 'i');

const parts = new RegExp(`^(?:${markdown}|${attribute})${url}$`, 'i');

/** The longest opening, the scheme, the rest. */
const lengthMax = 6 + 'https://'.length + hostMax + restMax;

const opening = /\][(:]|\bsrc=/gi;
const data = new RegExp(dataPattern.source, 'g');

/** Openings that data follows as near as it must: an address is long, and most have none. */
function startsIn(text: string, before: number): (from: number) => number {
  let dataAt = -1;
  return (from) => {
    opening.lastIndex = from;
    for (let found = opening.exec(text); found !== null && found.index < before; found = opening.exec(text)) {
      if (dataAt < found.index) {
        data.lastIndex = found.index;
        dataAt = data.exec(text)?.index ?? Infinity;
      }
      if (dataAt < found.index + lengthMax) {
        return found.index;
      }
      if (dataAt === Infinity) {
        return -1;
      }
      opening.lastIndex = dataAt - lengthMax;
    }
    return -1;
  };
}

/** True unless another tag than an image has the attribute, as far as can be seen. */
function isOfImage(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - contextMax), start);
  const tag = before.slice(before.lastIndexOf('<') + 1);
  return before.includes('<') ? /^img\b[^>]*$/i.test(tag) : before.length === contextMax && !before.includes('>');
}

/**
 * Markdown images, links and definitions of them, and HTML images, whose address carries data to a host that is not trusted: showing an image
 * sends the data, a link waits for a click. `trusted` as in `judgeInjection`. What is hidden is the address, with what opens it.
 */
export function exfiltrationDetectors(trusted: ReadonlySet<string>): readonly Ranked[] {
  const detector: PatternDetector = {
    kind: 'pattern',
    entity: 'exfiltration_link',
    pattern: new RegExp(`(?:${markdown}|${attribute})${url}`, 'gi'),
    lengthMax,
    leftMax: contextMax,
    startsIn,
    judge(text, start, end) {
      const [, host = '', rest = ''] = parts.exec(text.slice(start, end)) ?? [];
      return carriesData(host, rest, trusted) && (text[start] === ']' || isOfImage(text, start));
    },
    open,
  };
  return [{ detector, priority: linkPriority }];
}

/** Whatever else lies in the address: to hide a part of it would leave the link. */
const linkPriority = 11;
