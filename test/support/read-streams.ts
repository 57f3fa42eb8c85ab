import { z } from 'zod';
import type { StreamingOperation } from './made-streams.ts';

/** What a client makes of a stream: the texts of its deltas by where they belong, and the texts that came whole. */
export interface ReadStream {
  readonly deltas: ReadonlyMap<string, string>;
  readonly wholes: readonly string[];
  /** The message of an error event. */
  readonly error: string | undefined;
  readonly isDone: boolean;
}

const chunk = z.object({
  error: z.object({ message: z.string() }).optional(),
  choices: z
    .array(
      z.object({
        index: z.number(),
        text: z.string().optional(),
        delta: z
          .object({
            content: z.string().nullish(),
            tool_calls: z.array(z.object({ index: z.number(), function: z.object({ arguments: z.string() }) })).optional(),
          })
          .optional(),
      }),
    )
    .default([]),
});

const blockDelta = z.object({ text: z.string().optional(), partial_json: z.string().optional() });
const event = z.object({
  type: z.string(),
  index: z.number().optional(),
  output_index: z.number().optional(),
  message: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
  delta: z.union([z.string(), blockDelta]).optional(),
  text: z.string().optional(),
  arguments: z.string().optional(),
});

type Add = (channel: string, text: string | null | undefined) => void;

function readChunk(data: unknown, add: Add): string | undefined {
  const { choices, error } = chunk.parse(data);
  for (const { index, text, delta } of choices) {
    add(`text ${String(index)}`, text ?? delta?.content);
    for (const call of delta?.tool_calls ?? []) {
      add(`call ${String(call.index)}`, call.function.arguments);
    }
  }
  return error?.message;
}

function readEvent(data: unknown, add: Add, wholes: string[]): string | undefined {
  const read = event.parse(data);
  const { type, delta } = read;
  const at = read.index ?? read.output_index ?? 0;
  if (typeof delta === 'string') {
    add(type.includes('arguments') ? `call ${String(at - 2)}` : `text ${String(at)}`, delta);
  } else {
    add(`text ${String(at)}`, delta?.text);
    add(`call ${String(at - 2)}`, delta?.partial_json);
  }
  wholes.push(...[read.text, read.arguments].filter((text) => text !== undefined));
  return type === 'error' ? (read.error?.message ?? String(read.message)) : undefined;
}

/** As the standard reads events (WHATWG HTML, 9.2.6), and as the APIs mean them. */
export function readStream(operation: StreamingOperation, text: string): ReadStream {
  const deltas = new Map<string, string>();
  const wholes: string[] = [];
  let error: string | undefined;
  let isDone = false;
  const add: Add = (channel, piece) => {
    if (piece !== undefined && piece !== null) {
      deltas.set(channel, (deltas.get(channel) ?? '') + piece);
    }
  };
  for (const block of text.replaceAll(/\r\n?/g, '\n').split('\n\n')) {
    const lines = block.split('\n').filter((line) => line.startsWith('data:'));
    const data = lines.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n');
    if (data === '[DONE]') {
      isDone = true;
    } else if (lines.length > 0) {
      const read: unknown = JSON.parse(data);
      error ??= operation === 'chat' || operation === 'completions' ? readChunk(read, add) : readEvent(read, add, wholes);
    }
  }
  return { deltas, wholes, error, isDone };
}
