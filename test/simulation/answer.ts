import type { Operation } from '../../src/core/operation.ts';

/** What a provider did for a request. */
export interface Work {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What it says of it. `garbled`: in a form that is no figure. */
export type Telling = { readonly kind: 'figures'; readonly work: Work } | { readonly kind: 'nothing' } | { readonly kind: 'garbled' };

export interface AnswerFacts {
  readonly operation: Operation;
  readonly isStream: boolean;
  readonly tellsUsage: boolean;
  readonly text: string;
  readonly telling: Telling;
}

/** An answer's bytes, which are all ASCII, and where in them the usage stands; `usageTo` is 0 where it does not. */
export interface Answer {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly usageFrom: number;
  readonly usageTo: number;
}

const eventsOf = 12;

export function answerOf(facts: AnswerFacts): Answer {
  const [before, usage, after] = facts.isStream ? streamOf(facts) : jsonOf(facts);
  return {
    contentType: facts.isStream ? 'text/event-stream' : 'application/json',
    bytes: Buffer.from(before + usage + after),
    usageFrom: before.length,
    usageTo: facts.telling.kind === 'figures' && usage !== '' ? before.length + usage.length : 0,
  };
}

type Parts = readonly [before: string, usage: string, after: string];

function jsonOf({ operation, text, telling }: AnswerFacts): Parts {
  const usage = usageText(operation, telling);
  const model = '"model":"served"';
  const content = {
    responses: `{"object":"response",${model},"output":[{"type":"message","content":[{"type":"output_text","text":"${text}"}]}]`,
    messages: `{"type":"message",${model},"role":"assistant","content":[{"type":"text","text":"${text}"}]`,
    chat: `{"object":"chat.completion",${model},"choices":[{"index":0,"message":{"role":"assistant","content":"${text}"}}]`,
  }[shapeOf(operation)];
  return [content, usage === '' ? '' : `,${usage}`, ',"id":"x"}'];
}

function streamOf(facts: AnswerFacts): Parts {
  const { operation, text, telling } = facts;
  const size = Math.max(1, Math.ceil(text.length / eventsOf));
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
  const usage = usageText(operation, telling);
  return STREAMS[shapeOf(operation)](facts, pieces, usage);
}

type Streamed = (facts: AnswerFacts, pieces: readonly string[], usage: string) => Parts;

const memberOf = (usage: string): string => (usage === '' ? '' : `,${usage}`);

const chunk = (members: string): string => `data: {"object":"chat.completion.chunk","model":"served",${members}}\n\n`;

const chatStream: Streamed = ({ tellsUsage }, pieces, usage) => {
  return [
    pieces.map((piece) => chunk(`"choices":[{"index":0,"delta":{"content":"${piece}"}}]`)).join(''),
    tellsUsage && usage !== '' ? chunk(`"choices":[],${usage}`) : '',
    'data: [DONE]\n\n',
  ];
};

const responsesStream: Streamed = (_facts, pieces, usage) => [
  pieces.map((piece) => named('response.output_text.delta', `,"delta":"${piece}"`)).join(''),
  named('response.completed', `,"response":{"object":"response","model":"served"${memberOf(usage)}}`),
  '',
];

/** Its first event has the input already, and a figure for the output that is none. */
const messagesStream: Streamed = ({ operation, telling }, pieces, usage) => {
  const opening = telling.kind === 'figures' ? usageText(operation, { ...telling, work: { ...telling.work, outputTokens: 1 } }) : usage;
  return [
    named('message_start', `,"message":{"type":"message","model":"served"${memberOf(opening)}}`) +
      pieces.map((piece) => named('content_block_delta', `,"index":0,"delta":{"type":"text_delta","text":"${piece}"}`)).join(''),
    named('message_delta', `,"delta":{"stop_reason":"end_turn"}${memberOf(usage)}`),
    named('message_stop', ''),
  ];
};

const STREAMS = { chat: chatStream, responses: responsesStream, messages: messagesStream } as const;

const named = (type: string, members: string): string => `event: ${type}\ndata: {"type":"${type}"${members}}\n\n`;

function shapeOf(operation: Operation): 'chat' | 'responses' | 'messages' {
  return operation === 'responses' || operation === 'messages' ? operation : 'chat';
}

/** The member, without a comma; empty where nothing is told. */
function usageText(operation: Operation, telling: Telling): string {
  if (telling.kind === 'nothing') {
    return '';
  }
  const [input, output] =
    operation === 'responses' || operation === 'messages' ? ['input_tokens', 'output_tokens'] : ['prompt_tokens', 'completion_tokens'];
  if (telling.kind === 'garbled') {
    return `"usage":{"${input}":-5,"${output}":"7"}`;
  }
  const { inputTokens, outputTokens } = telling.work;
  return `"usage":{"${input}":${String(inputTokens)},"${output}":${String(outputTokens)}}`;
}
