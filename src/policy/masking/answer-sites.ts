import { never } from '../../core/assert.ts';
import { deny, type Denied } from '../../core/outcome.ts';
import { describePlace, type Site, type Unreadable } from '../llm/texts/site.ts';
import type { Replacement } from '../llm/texts/write-back.ts';
import type { AnswerFilters } from './answer-filters.ts';
import { unseenIn, type DirectionPlan } from './plan.ts';
import type { ReadSite } from './request-sites.ts';
import type { TextFilter } from './text-filter.ts';

/** The filter for a text of an answer; undefined for what stays as it is. */
export function filterFor(kind: Site['kind'], filters: AnswerFilters, context = ''): TextFilter | undefined {
  switch (kind) {
    case 'text':
    case 'unknown':
      return filters.either(context);
    case 'json':
      return filters.json(context);
    case 'key':
    case 'id':
    case 'number':
      return filters.text(context);
    case 'signed':
    case 'logprobs':
      return undefined;
    default:
      return never(kind);
  }
}

/** The new text of a site that comes whole. */
export function answerReplacement({ site, text, context }: ReadSite, filters: AnswerFilters): readonly Replacement[] {
  if (site.kind === 'logprobs') {
    return filters.hides ? [{ site, text: '' }] : [];
  }
  const filter = filterFor(site.kind, filters, context);
  return filter === undefined ? [] : [{ site, text: filter.end(text) }];
}

/** The refusal for what cannot be searched; undefined where nothing is searched, or all of it may pass. */
export function refuseUnseen(unreadable: readonly Unreadable[], plan: DirectionPlan | undefined): Denied | undefined {
  const unseen = plan && unseenIn(plan, unreadable);
  if (unseen === undefined) {
    return undefined;
  }
  const where = `${unseen.what} at ${describePlace(unseen.place)}`;
  return deny('answer_unreadable', where, `Part: ${where}. An operator may let it pass: add "${unseen.what}" to masking.response.pass.`);
}

/** The refusal for what was found and must not pass; undefined as long as there is none. */
export function refuseFound(filters: AnswerFilters): Denied | undefined {
  const entity = filters.blockedBy();
  return entity === undefined ? undefined : deny('answer_blocked', entity, `Found: ${entity}.`);
}
