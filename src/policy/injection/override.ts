import { disobey, drop, told } from './override-verbs.ts';
import { type Family, found, oneOf } from './signal.ts';

const filler = '(?:(?:all|any|every|each|the|your|ur|my|our|their|these|those|this|that|of|one|other|such|and|or) ){0,6}';
const before = oneOf(
  'previous',
  'prior',
  'above',
  'earlier',
  'preceding',
  'original',
  'initial',
  'existing',
  'former',
  'foregoing',
  'old',
  'past',
  'current',
  'default',
);
/** What is said beside one of them: `previous and following`, `past, present and future`. */
const after = oneOf('following', 'subsequent', 'present', 'future', 'later', 'further', 'other', 'new');
const when = `${before}(?: (?:(?:and|or) )?${oneOf(before, after)}){0,3}`;
const whose = '(?:(?:system|developer|safety|hidden|custom|security|core|programmed|given|stated) )?';
const noun = `${oneOf('instruction', 'prompt', 'direction', 'directive', 'rule', 'command', 'guideline', 'order', 'constraint', 'restriction', 'system message')}s?\\b`;
const given = oneOf(
  '(?:that )?(?:you )?(?:were|have been|had been|are|was|been) (?:given|told|taught|shown)',
  '(?:that )?you (?:have |had )?(?:received|got|know)',
  'given to you',
  'from (?:your|the) (?:developer|creator|maker|system|owner|operator|company)',
  'in (?:your|the) (?:system|developer|initial)',
  'above',
  '(?:so far|until now|up to now)',
);
const everything = oneOf('everything', 'anything', 'all', 'all of that', 'whatever', 'what', 'the text', 'the conversation', 'all text');
const gone = oneOf(
  'void',
  'null',
  'obsolete',
  'invalid',
  'cancel+ed',
  'revoked',
  'suspended',
  'lifted',
  'overridden',
  'superseded',
  'replaced',
  'deleted',
  'outdated',
  'no longer (?:valid|in effect|in force|active|binding)',
);

const noPlace = String.raw`(?! (?:in|on|of|for|from|about|at|with|to)\b)`;

/** What the verb is done to, in one pattern, so that a text is searched for the verb once. */
const dropped = oneOf(
  `${filler}${when} ${whose}${noun}`,
  `(?:all|any|every|each) other ${whose}${noun}${noPlace}`,
  `(?:(?:all|any|every|each|one|of|these) ){0,4}your (?:own )?${whose}${noun}`,
  `${filler}${whose}${noun} ${given}`,
  // Without a word that says whose: not where the text goes on to say where they stand.
  `(?:(?:all|any|every|each|of|the|these|those) ){1,3}${noun}${noPlace}`,
  `${everything} (?:[a-z]{1,10} ){0,4}(?:above|before|prior|previously|you were told|you have been told|so far|until now)\\b`,
  `(?:[a-z]{1,10} ){0,3}you (?:were|have been|had been) (?:told|given|taught)`,
  // What comes above, with nothing of a document behind it, and what to do now.
  `(?:all )?(?:of )?the above (?:(?:and|then|just|only|simply) ){0,3}(?:instead|say|print|output|repeat)\\b`,
);

/** A verb of dropping near a noun of instruction that is said to be the model's own or to come before. */
export const overrideFamily: Family = {
  name: 'override',
  gate: new RegExp(
    oneOf(
      'ignor',
      'disreg',
      'forget',
      'overr',
      'bypass',
      'circumv',
      'dismiss',
      'neglect',
      'abandon',
      'unlearn',
      'aside',
      'mind',
      'instead',
      'rather',
      'let',
      'pay',
      "n't",
      'dont',
      String.raw`\bnot\b`,
      'never',
      String.raw`\bno\b`,
      'stop',
      'cease',
      'quit',
      'discard',
      'skip',
      'drop',
      'erase',
      'delete',
      'cancel',
      'free',
      'void',
      'null',
      'obsolete',
      'invalid',
      'outdated',
      'revoked',
      'suspended',
      'lifted',
      'replace',
      'supersede',
      'overwrite',
      'precedence',
    ),
  ),
  onlyFromElsewhere: false,
  patterns: [
    found(
      3,
      `\\b${told}(?:${drop} ${dropped}|${disobey} ${filler}(?:system|developer) (?:prompt|message|instruction)|(?:bypass|override|circumvent) ${noun}${noPlace})`,
    ),
    found(
      3,
      `\\b${oneOf(before, 'your', 'all')} ${whose}${noun} (?:[a-z]{1,10} ){0,3}(?:are|is|were|have been|has been) (?:now |hereby |all )?${gone}`,
    ),
    found(3, `\\b${oneOf(before, 'your')} ${whose}${noun} (?:do not|don't|no longer|does not) (?:apply|count|matter|bind)`),
    found(
      3,
      `\\b(?:no longer|not|never|free) (?:[a-z]{1,10} )?(?:bound|limited|restricted|constrained|from|governed) (?:by )?${filler}(?:${before} )?${whose}${noun}`,
    ),
    // Rules and guidelines of the world are replaced every day.
    found(
      3,
      `\\b(?:new|following|these) (?:instruction|prompt|directive|command)s? (?:[a-z]{1,10} ){0,2}(?:replace|supersede|override|overwrite|take precedence)`,
    ),
  ],
};
