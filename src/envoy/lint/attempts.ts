import { SENT_HEADER } from '../../core/headers.ts';
import { SENT_SCRIPT, SENT_VALUE, STATUS_SCRIPT } from '../attempt-filters.ts';
import { reporter, warning, type Finding } from './finding.ts';
import type { Inspection } from './inspection.ts';
import type { Filter } from './model.ts';
import { at, enumOf, fields, items, textOf, type Place } from './place.ts';
import { skipsFirstAttemptOnly, skipsSuccessOnly } from './skip.ts';
import { TYPE } from './types.ts';

export const ATTEMPTS = {
  'attempts-unseen': warning(
    'a provider’s cluster does not note how attempts end; add sallyport.sent, sallyport.attempt and sallyport.status as they are rendered',
    'Under limits of tokens and money a target that was tried before the one that answered is then charged all that it may bill, one that refused the connection too.',
  ),
} as const;

const find = reporter(ATTEMPTS);

/** What the charge of targets before the one that answered goes by. */
export function* judgeAttempts({ providers }: Inspection): Generator<Finding> {
  for (const { filters, options } of providers) {
    const first = filters.findIndex(countsSent);
    const notesSent = filters.some(
      (filter, index) => index > first && isScript(filter, SENT_SCRIPT) && runs(filter, skipsFirstAttemptOnly),
    );
    const notesStatus = filters.some((filter) => isScript(filter, STATUS_SCRIPT) && runs(filter, skipsSuccessOnly));
    if (first < 0 || !notesSent || !notesStatus) {
      yield find('attempts-unseen', at(options, 'http_filters'));
    }
  }
}

/** The scripts that are rendered see the provider's key as little as anything else: they read two headers, and write figures. */
export const isOwnScript = (filter: Filter): boolean => isScript(filter, SENT_SCRIPT) || isScript(filter, STATUS_SCRIPT);

function isScript({ type, config }: Filter, script: string): boolean {
  const source = at(config, 'default_source_code');
  return (
    type === TYPE.lua &&
    fields(config).length === ['@type', 'default_source_code'].length &&
    fields(source).length === 1 &&
    textOf(at(source, 'inline_string')) === script
  );
}

const runs = ({ matcher }: Filter, skipsNothingElse: (matcher: Place) => boolean): boolean =>
  matcher === undefined || skipsNothingElse(at(matcher, 'xds_matcher'));

const countsSent = ({ type, config, matcher }: Filter): boolean =>
  type === TYPE.headerMutation &&
  matcher === undefined &&
  items(at(config, 'mutations', 'request_mutations')).some((mutation) => isSentFigure(at(mutation, 'append')));

const APPEND_ACTIONS = ['APPEND_IF_EXISTS_OR_ADD', 'ADD_IF_ABSENT', 'OVERWRITE_IF_EXISTS_OR_ADD', 'OVERWRITE_IF_EXISTS'];

/** The one header of Sallyport that the configuration itself sets, to the one figure that it may have. */
export const isSentFigure = (append: Place): boolean =>
  textOf(at(append, 'header', 'key')) === SENT_HEADER &&
  textOf(at(append, 'header', 'value')) === SENT_VALUE &&
  enumOf(at(append, 'append_action'), APPEND_ACTIONS) === 'OVERWRITE_IF_EXISTS_OR_ADD';
