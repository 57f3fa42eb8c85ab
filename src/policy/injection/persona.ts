import { type Family, found, oneOf } from './signal.ts';

const mode = oneOf('dan', 'jailbreak', 'jailbroken', 'unrestricted', 'unfiltered', 'uncensored', 'no filter');
const toolMode = oneOf('developer', 'god', 'debug', 'admin', 'sudo', 'root', 'maintenance', 'evil', 'chaos', 'opposite');

/** Names a mode in which no rules are said to hold. */
export const jailbreakFamily: Family = {
  name: 'jailbreak_mode',
  gate: /mode|\bdan\b|anything/,
  onlyFromElsewhere: false,
  patterns: [
    found(3, `\\b${mode} mode\\b`),
    found(3, '\\b(?:in|enable|activate|enter|switch to|become) dan\\b'),
    found(3, 'do anything now'),
    found(3, `\\b(?:act|answer|respond|reply|behave|speak|talk|operate) as dan\\b`),
    found(3, `\\b(?:you are|you're|you will be|become) (?:now )?dan\\b`),
    // Phones and laptops have such modes too; a model that is told that it is in one has not.
    found(
      3,
      `\\byou (?:are|'re|re|will be|will) (?:now |from now on )?(?:in|entering|enter|under|operating in|running in|answer as|act as) (?:a |the )?${toolMode} mode`,
    ),
    found(3, `\\byou will (?:now )?(?:answer|act|respond|reply|behave) (?:as|in) (?:a |the )?${toolMode} mode`),
    found(3, `(?:^|[.!?\\n] ?)(?:act|answer|respond|stay|remain) (?:as|in) (?:a |the )?${toolMode} mode`),
    found(2, `\\b(?:enable|activate|enter|switch to|go into|turn on|start) (?:the )?${toolMode} mode(?! (?:on|in|for|of)\\b)`),
  ],
};

const become = oneOf(
  'pretend',
  'act',
  'role ?play',
  'simulate',
  'imagine',
  'you are',
  "you're",
  'you will be',
  'take on the role',
  'play the role',
  'respond as',
  'answer as',
  'behave',
  'become',
  'persona',
  'emulate',
  'impersonate',
);
const limits = oneOf(
  'restriction',
  'limit',
  'limitation',
  'filter',
  'rule',
  'guideline',
  'ethic',
  'moral',
  'boundar',
  'censor',
  'constraint',
  'safeguard',
  'polic',
  'inhibition',
  'safety',
);

/** Gives the model a part to play, and to the part the freedom from limits. */
export const personaFamily: Family = {
  name: 'persona',
  gate: /pretend|\bact|role|simulat|imagin|\byou\b|respond|answer|behave|become|persona|emulat|impersonat|character/,
  onlyFromElsewhere: false,
  patterns: [
    found(
      3,
      `\\b${become}\\b[^.!?\\n]{0,60}\\b(?:without|with no|free (?:of|from)|ha(?:s|ve) no|not bound by|unbound by|not limited by|lack(?:s|ing)|ignor(?:es|ing)) (?:(?:any|all|its|of|such|the|your) ){0,2}(?:[a-z]{1,12} ){0,2}${limits}`,
    ),
    found(3, `\\b${become}\\b[^.!?\\n]{0,40}\\b(?:unrestricted|unfiltered|uncensored|amoral|unaligned|jailbroken)\\b`),
    found(2, `\\b(?:stay|remain|never (?:break|leave)) (?:in )?character\\b[^.!?\\n]{0,40}\\b(?:no matter|always|until|whatever)`),
  ],
};
