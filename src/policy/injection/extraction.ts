import { type Family, found, oneOf } from './signal.ts';

const say = oneOf(
  'print',
  'reveal',
  'show',
  'repeat',
  'output',
  'tell',
  'give',
  'display',
  'write(?: (?:out|down))?',
  'recite',
  'disclose',
  'leak',
  'expose',
  'share',
  'list',
  'quote',
  'summari[sz]e',
  'paste',
  'dump',
  'what (?:is|are|was|were)',
);
const hidden = oneOf(
  'system',
  'initial',
  'original',
  'hidden',
  'secret',
  'internal',
  'developer',
  'confidential',
  'first',
  'full',
  'exact',
  'entire',
  'pre',
);
const briefing = oneOf('prompt', 'instruction', 'message', 'directive', 'configuration', 'guideline', 'rule');

/** Asks for what the operator told the model. */
export const extractionFamily: Family = {
  name: 'extraction',
  gate: /system|initial|original|hidden|secret|internal|developer|confidential|first|full|exact|entire|pre|above|told|instructed|given/,
  onlyFromElsewhere: false,
  patterns: [
    found(
      3,
      `\\b${say} (?:(?:[a-z]{1,12} ){0,3}your (?:${hidden} ){1,3}${briefing}|(?:me )?(?:everything|all (?:the )?(?:text|words)|the (?:text|words|lines)) above(?! the fold)(?: this| starting| in full| verbatim| word| exactly|[.!?]|$))`,
    ),
    found(3, `(?:answer|reply|response|message) with your (?:${hidden} ){1,3}${briefing}`),
    // As an order at the beginning of a sentence, and not of a system that is under discussion.
    found(
      3,
      `(?:^|[.!?\\n] ?)(?:please )?${say} (?:me )?the system (?:prompt|message)\\b(?! (?:of|for|to)\\b| in (?:our|my|your|this|that|an?)\\b(?! code))`,
    ),
    found(3, 'what (?:were|had) you (?:been )?(?:told|instructed|given) (?:before|prior|at the (?:start|beginning))'),
  ],
};
