import { never } from '../../core/assert.ts';
import { type BlockerKind, hasControlTokens } from './blockers.ts';
import { hasDataLink, hasExfiltrationImage } from './exfiltration.ts';
import { families } from './families.ts';
import { hasHiddenText, hasSplitWords } from './invisible.ts';
import { hasMixedWords, normalise } from './normalise.ts';
import type { Family, Origin } from './signal.ts';

export interface OriginalText {
  readonly origin: Origin;
  readonly text: string;
}

export interface Signal {
  readonly family: string;
  readonly weight: number;
  /** Index of the text. */
  readonly text: number;
}

export interface Blocker {
  readonly kind: BlockerKind;
  /** Index of the text. */
  readonly text: number;
}

export interface InjectionReport {
  /** Of the worst text: the weights of its families together. `scoreAlarm` and above is suspicious. */
  readonly score: number;
  readonly signals: readonly Signal[];
  /** What may be refused whatever the score. */
  readonly blockers: readonly Blocker[];
}

type Finding = Omit<Signal, 'text'>;

const disguise = { family: 'disguise', weight: 2 };
const dataLink = { family: 'data_link', weight: 2 };

function weightOf(family: Family, plain: string): number {
  return family.gate.test(plain) ? (family.patterns.find(({ pattern }) => pattern.test(plain))?.weight ?? 0) : 0;
}

function signalsOf(text: string, plain: string, isFromElsewhere: boolean): readonly Finding[] {
  const found = families
    .filter(({ onlyFromElsewhere }) => isFromElsewhere || !onlyFromElsewhere)
    .map((family) => ({ family: family.name, weight: weightOf(family, plain) }))
    .filter(({ weight }) => weight > 0);
  return hasSplitWords(text) || hasMixedWords(text) ? [...found, disguise] : found;
}

function blockersOf(text: string, plain: string): readonly BlockerKind[] {
  return [...(hasControlTokens(plain) ? ['control_tokens' as const] : []), ...(hasHiddenText(text) ? ['hidden_text' as const] : [])];
}

interface TextReport {
  readonly signals: readonly Finding[];
  readonly blockers: readonly BlockerKind[];
}

function judgeText({ origin, text }: OriginalText, trusted: ReadonlySet<string>): TextReport {
  switch (origin) {
    case 'user':
    case 'tool':
    case 'retrieved': {
      const plain = normalise(text);
      return { signals: signalsOf(text, plain, origin !== 'user'), blockers: blockersOf(text, plain) };
    }
    case 'assistant':
      return {
        signals: hasDataLink(text, trusted) ? [dataLink] : [],
        blockers: hasExfiltrationImage(text, trusted) ? ['exfiltration_link'] : [],
      };
    case 'system':
      // The operator's own words: there is nobody to protect from them.
      return { signals: [], blockers: [] };
    default:
      return never(origin);
  }
}

/**
 * Signals of prompt injection and jailbreaks in the texts of one exchange, each with its origin. This knows published templates and near
 * relatives of them, in English. It does not understand: paraphrase, other languages, payloads in pieces, persuasion and instructions that
 * read like any other text go through it, and a score of 0 says nothing. Who needs more plugs in a classifier; who needs to be safe gives a
 * model that reads foreign texts no power worth an attack. So a score is for logs and alarms first; only the blockers have nearly no false
 * alarms.
 *
 * The texts are looked at in a normalised copy (see `normalise`). The score is that of the worst text, so that a long conversation does not
 * grow suspicious by its length. `trusted` are hosts, in small letters, that an answer may send data to.
 */
export function judgeInjection(texts: readonly OriginalText[], trusted: ReadonlySet<string> = new Set()): InjectionReport {
  const reports = texts.map((text) => judgeText(text, trusted));
  return {
    score: Math.max(0, ...reports.map(({ signals }) => signals.reduce((sum, { weight }) => sum + weight, 0))),
    signals: reports.flatMap(({ signals }, text) => signals.map((signal) => ({ ...signal, text }))),
    blockers: reports.flatMap(({ blockers }, text) => blockers.map((kind) => ({ kind, text }))),
  };
}
