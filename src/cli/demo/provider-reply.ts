import { z } from 'zod';
import { never } from '../../core/assert.ts';

const pieceCodePoints = 8;
const tokenBytes = 4;

/** The last thing said to the model and what it may do about it. */
export interface Turn {
  readonly said: string;
  readonly by: 'user' | 'tool';
  readonly tools: readonly string[];
  /** `required`: some tool; a `name`: that one; otherwise a tool is called only where the user's text asks for it. */
  readonly choice: { readonly kind: 'auto' | 'none' | 'required' } | { readonly kind: 'named'; readonly name: string };
  readonly tokensMax: number | undefined;
}

export type Reply =
  | { readonly kind: 'text'; readonly text: string; readonly cut: boolean }
  | { readonly kind: 'call'; readonly name: string; readonly argumentsJson: string };

/** The local model: deterministic, and its answer shows what reached it. */
export function reply(turn: Turn): Reply {
  const tool = turn.by === 'user' ? chosenTool(turn) : undefined;
  if (tool !== undefined) {
    return { kind: 'call', name: tool, argumentsJson: JSON.stringify({ said: turn.said }) };
  }
  return sayBack(turn.by === 'user' ? `You said: ${turn.said}` : `The tool said: ${turn.said}`, turn.tokensMax);
}

export function sayBack(text: string, tokensMax: number | undefined): Extract<Reply, { kind: 'text' }> {
  const bytesMax = tokensMax === undefined ? Infinity : tokensMax * tokenBytes;
  if (Buffer.byteLength(text) <= bytesMax) {
    return { kind: 'text', text, cut: false };
  }
  return { kind: 'text', text: new TextDecoder().decode(Buffer.from(text).subarray(0, bytesMax), { stream: true }), cut: true };
}

function chosenTool(turn: Turn): string | undefined {
  const asked = turn.tools.find((name) => turn.said.includes(name));
  switch (turn.choice.kind) {
    case 'none':
      return undefined;
    case 'named':
      return turn.choice.name;
    case 'required':
      return asked ?? turn.tools[0];
    case 'auto':
      return asked ?? (/\btools?\b/iu.test(turn.said) ? turn.tools[0] : undefined);
    default:
      return never(turn.choice);
  }
}

/** What streams send one by one. Short, so that a word or a placeholder is often split between two. */
export function pieces(text: string): readonly string[] {
  const points = Array.from(text);
  return Array.from({ length: Math.ceil(points.length / pieceCodePoints) }, (_, index) =>
    points.slice(index * pieceCodePoints, (index + 1) * pieceCodePoints).join(''),
  );
}

/** Four bytes are a token: simple enough for a reader to check by hand. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / tokenBytes);
}

export function replyTokens(answer: Reply): number {
  return countTokens(answer.kind === 'text' ? answer.text : answer.name + answer.argumentsJson);
}

const part = z.looseObject({ type: z.string(), text: z.string().optional() });

/** A message's content in both APIs: text, or parts of which some are text. */
export const contentSchema = z.union([z.string(), z.array(part)]).nullish();

export function contentText(content: z.infer<typeof contentSchema>): string {
  if (typeof content === 'string') {
    return content;
  }
  return (content ?? []).map((entry) => entry.text ?? '').join('');
}
