import { never } from '../../core/assert.ts';
import { openDetection } from '../detect/detection.ts';
import { openFindings } from './findings.ts';
import { escaped, openJsonMask } from './json-mask.ts';
import { redaction } from './placeholder.ts';
import type { DirectionPlan } from './plan.ts';
import { isPlaceholder, openRestorer, type Placeholders } from './restore.ts';
import { chain, type TextFilter } from './text-filter.ts';
import { openTextMask, type Hide } from './text-mask.ts';

/** What is known when an answer comes. */
export interface AnswerSubject {
  /** Undefined = answers are not searched. */
  readonly plan: DirectionPlan | undefined;
  readonly placeholders: Placeholders;
  /** Values that the client sent itself. */
  readonly said: ReadonlySet<string>;
}

/** The filters of one answer. First what may not pass is hidden, then values come back: what was put back is not searched. */
export interface AnswerFilters {
  text(context?: string): TextFilter;
  /** A text that is JSON. */
  json(context?: string): TextFilter;
  /** A text that may be JSON: by what it begins with. */
  either(context?: string): TextFilter;
  /** Hides what is found, without bringing anything back. */
  readonly hides: boolean;
  /** The entity for which the answer must be refused; undefined = none so far. */
  readonly blockedBy: () => string | undefined;
  readonly counts: ReadonlyMap<string, number>;
  readonly unknownPlaceholders: () => number;
}

const asItIs = (text: string): string => text;

export function openAnswerFilters({ plan, placeholders, said }: AnswerSubject): AnswerFilters {
  const restorer = openRestorer(placeholders);
  const findings = openFindings();
  let blockedBy: string | undefined;
  const hide: Hide = (entity, text, goesOn) => {
    const action = plan?.actions.get(entity);
    // The client said it itself: it is no news to it. A placeholder is not what is looked for, but may stand where that is.
    if (action === undefined || said.has(text) || isPlaceholder(placeholders, text)) {
      return text;
    }
    findings.note(entity, action);
    switch (action) {
      case 'log':
        return text;
      case 'mask':
      case 'redact':
        return goesOn ? '' : redaction(entity);
      case 'block':
        blockedBy ??= entity;
        return '';
      default:
        return never(action);
    }
  };
  const open = (mask: typeof openTextMask, escape: (value: string) => string, context: string): TextFilter => {
    const restore = restorer.open(escape);
    return plan === undefined ? restore : chain(mask(openDetection(plan.set, context), hide), restore);
  };
  const text = (context = ''): TextFilter => open(openTextMask, asItIs, context);
  const json = (context = ''): TextFilter => open(openJsonMask, escaped, context);
  return {
    text,
    json,
    either: (context = '') =>
      openEither(
        () => text(context),
        () => json(context),
      ),
    hides: plan?.hides === true,
    blockedBy: () => blockedBy,
    counts: findings.counts,
    unknownPlaceholders: restorer.unknown,
  };
}

const json = /^\s*(?:\{|\[\s*[[{"\]])/;
const undecided = /^\s*(?:\[\s*)?$/;
/** White space before it is told. */
const undecidedMax = 64;

/** By the first characters, the same however they come. */
function openEither(openText: () => TextFilter, openJson: () => TextFilter): TextFilter {
  let chosen: TextFilter | undefined;
  let held = '';
  const choose = (): TextFilter => {
    chosen = json.test(held.slice(0, undecidedMax)) ? openJson() : openText();
    return chosen;
  };
  return {
    push(piece) {
      if (chosen !== undefined) {
        return chosen.push(piece);
      }
      held += piece;
      return held.length < undecidedMax && undecided.test(held) ? '' : choose().push(held);
    },
    end(piece) {
      if (chosen !== undefined) {
        return chosen.end(piece);
      }
      held += piece;
      return choose().end(held);
    },
  };
}
