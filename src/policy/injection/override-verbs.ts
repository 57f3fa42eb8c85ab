import { oneOf } from './signal.ts';

/** Done to what one was told. */
export const disobey = oneOf(
  'ignor(?:e|ing)',
  'disregard(?:ing)?',
  'forget(?:ting)?(?: about)?',
  'overrid(?:e|ing)',
  'overrule',
  'bypass',
  'circumvent',
  'dismiss',
  'neglect',
  'abandon',
  'unlearn',
  '(?:set|put|leave) aside',
  'let go of',
  'never ?mind',
  'pay no (?:more )?(?:attention|heed) to',
  "(?:do not|don't|dont|never|no longer|you need not) (?:follow|obey|adhere to|listen to|comply with|respect|heed|consider)",
  "(?:do not|don't|dont|no longer) (?:have|need) to (?:follow|obey|adhere to|listen to|comply with|respect|heed)",
  '(?:stop|cease|quit|instead of|rather than) (?:following|obeying|adhering to|listening to|complying with|respecting)',
);

/** Done to data as well, as programs do to messages. */
const remove = oneOf('discard', 'skip', 'drop', 'erase', 'delete', 'cancel');

/** A question about it, or the contrary: nobody is told to do it. What asks the model to is an order all the same. */
export const told = `(?<!\\b${oneOf(
  'how (?:to|(?:do|can|could|should|would) (?:i|we|you|one))',
  'why (?:do|does|did|should|would|must) (?:[a-z]{1,12} ){0,1}[a-z]{1,12}',
  '(?:can|could|may|should|must|do) i',
  '(?:does|did) (?:[a-z]{1,12} ){0,1}[a-z]{1,12}',
  "(?:never|cannot|without|(?:do|must|should|shall|can) not|don't|not to)",
)}\\s)`;

export const drop = oneOf(disobey, remove);
