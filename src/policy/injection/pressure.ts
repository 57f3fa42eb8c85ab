import { type Family, found, oneOf } from './signal.ts';

const refuse = oneOf(
  'refus(?:e|es|al|als|ing)',
  'declin(?:e|ing)',
  'say(?:ing)? no\\b',
  "say(?:ing)? (?:that )?you (?:cannot|can't|are unable|will not|won't)",
  'reject(?:ing)?',
);

/** Forbids the model to refuse or to warn. */
export const neverRefuseFamily: Family = {
  name: 'never_refuse',
  gate: /refus|declin|\bsay|reject|comply|disclaimer|warning|caveat|moral/,
  onlyFromElsewhere: false,
  patterns: [
    found(
      3,
      `\\b(?:never|not|cannot|can't|don't|without) (?:[a-z]{1,10} ){0,2}${refuse}[^]{0,80}\\b(?:never|not|no|without|don't|cannot) (?:[a-z]{1,10} ){0,2}(?:${refuse}|warn|disclaimer|apolog|morali)`,
    ),
    found(3, `\\b${refuse} is (?:not (?:an option|allowed|possible|permitted)|forbidden|prohibited)`),
    found(3, `\\bnever (?:[a-z]{1,10} ){0,3}(?:cannot|can't|not able to|unable to)[^]{0,60}\\bcomply with (?:every|all|any)`),
    found(
      3,
      `\\b(?:you|always) (?:[a-z]{1,10} ){0,2}(?:answer|comply|obey|fulfil+)[^.!?\\n]{0,40}\\bwithout (?:[a-z]{1,10} ){0,2}${refuse}`,
    ),
    found(2, `\\b(?:you|must|will|should) (?:[a-z]{1,10} ){0,2}(?:never|not) (?:[a-z]{1,10} )?${refuse} (?:a|any|my|this|to answer)`),
    found(1, `\\b(?:no|without|never add|do not add|don't add) (?:any )?(?:warning|disclaimer|caveat|moral)`),
  ],
};

const authority = oneOf('developer', 'creator', 'administrator', 'admin', 'owner', 'programmer', 'maker', 'supervisor', 'root user');
const vendor = oneOf('openai', 'anthropic', 'google', 'microsoft', 'deepmind', 'meta', 'mistral');
const guard = oneOf('restriction', 'filter', 'safety', 'safeguard', 'content polic', 'polic', 'limit', 'guardrail', 'guideline');
const off = oneOf('off', 'disabled', 'suspended', 'lifted', 'deactivated', 'removed', 'turned off', 'switched off', 'waived', 'bypassed');

/** Speaks as somebody whose word would lift the limits. */
export const authorityFamily: Family = {
  name: 'fake_authority',
  gate: /developer|creator|admin|owner|programmer|maker|supervisor|root|openai|anthropic|google|microsoft|deepmind|meta|mistral|override|safety|filter|safeguard|guardrail|guideline|polic|restriction|limit|system/,
  onlyFromElsewhere: false,
  patterns: [
    found(
      3,
      `\\b(?:i am|i'm|this is|as) your ${authority}[^]{0,60}\\b(?:order|authori[sz]e|command|instruct|allow|permit|lift|disable|bypass|unlock|require|demand)`,
    ),
    found(3, `\\b${vendor} (?:[a-z]{1,12} ){0,3}(?:team|staff|engineer|employee|admin|support|researcher)[^]{0,80}\\b${guard}`),
    found(
      3,
      '\\b(?:system|admin|developer|root|security) override\\b[^]{0,80}\\b(?:safety|filter|check|restriction|disabled|instruction|access)',
    ),
    found(
      3,
      `\\b(?:your|all|the|safety|content|security) (?:[a-z]{1,12} ){0,2}${guard}[a-z]{0,5} (?:[a-z]{1,8} ){0,2}(?:is|are|has been|have been|were) (?:now |all |temporarily )?${off}\\b`,
    ),
    found(3, `\\bsafety (?:[a-z]{1,10} )?(?:is|are) (?:now )?${off}\\b`),
    found(2, `(?:^|\\n) ?\\[?(?:system|admin|developer)\\]? ?: `),
  ],
};
