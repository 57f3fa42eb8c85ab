import { type Family, found, oneOf } from './signal.ts';

/** Brings the instruction in a form that is not read at once. */
export const decodeFamily: Family = {
  name: 'decode_this',
  gate: /decod|base64|rot|\bhex|encoded|cipher|decrypt/,
  onlyFromElsewhere: false,
  patterns: [
    found(
      3,
      `\\b(?:decod|base64|rot ?13|hex|encoded|cipher|decrypt)[^]{0,120}\\b(?:follow|obey|execute|carry out|do what|act on|comply with|perform) (?:[a-z]{1,12} ){0,3}(?:it\\b|instruction|command|says|asks|orders|task|request)`,
    ),
  ],
};

const model = oneOf(
  'ai',
  'a\\.i\\.',
  'llm',
  '(?:large )?language model',
  'assistant',
  'chatbot',
  'ai assistant',
  'ai agent',
  'ai model',
  'agent',
  'chatgpt',
  'claude',
  'gemini',
  'copilot',
);

/** Speaks to the model from a document or the answer of a tool. */
export const elsewhereFamily: Family = {
  name: 'tool_instruction',
  gate: /\bai\b|a\.i\.|llm|language|assistant|chatbot|agent|chatgpt|claude|gemini|copilot|\buser|summar|\byou\b/,
  onlyFromElsewhere: true,
  patterns: [
    found(3, `\\b(?:note|message|instruction|attention|notice|memo|warning)s? (?:to|for) (?:the |any |all |every )?${model}`),
    found(3, `\\b(?:attention|dear|hey|hello) (?:the )?${model}\\b`),
    found(3, `\\bif you are (?:an? |the )?${model}\\b`),
    found(3, `\\b(?:do not|don't|never) (?:mention|tell|inform|reveal|show|disclose|say)(?: [a-z]{1,10}){0,3} (?:to )?the user\\b`),
    found(3, '\\bwithout (?:telling|informing|notifying|asking|alerting) the user\\b'),
    found(3, `(?:^|[.!?>"\\n] ?|<!--? ?)${model}[,:!] ?(?:please |you must |now )?[a-z]{2,12}`),
    found(
      3,
      '\\bwhen(?:ever)? you (?:summari[sz]e|read|process|translate|answer|analy[sz]e) (?:this|the) (?:page|document|text|mail|email|message|article|file|question)',
    ),
    found(
      3,
      `\\b${model} (?:must|should|has to|needs to|shall) (?:now |instead |first )?(?:ignore|stop|send|forward|call|reveal|include|output|reply|respond|execute)`,
    ),
  ],
};
