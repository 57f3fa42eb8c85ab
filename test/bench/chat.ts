const requestBytes = 1_024;
const answerBytes = 1_024;

/** The name that clients use; the provider has another, so that every body is rewritten. */
export const MODEL = 'gpt-4o';
export const PROVIDER_MODEL = 'gpt-4o-2024-11-20';

/** A chat request of 1 KiB for `model`. */
export const chatRequest = (model: string): string =>
  padded(requestBytes, (filler) =>
    JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'You are a helpful assistant.' },
        { role: 'user', content: `Summarise the following text for jane.doe@example.com, phone +1 202-555-0143. ${filler}` },
      ],
      temperature: 0.2,
      max_tokens: 256,
    }),
  );

/** A chat completion of 1 KiB. */
export const chatAnswer = (): string =>
  padded(answerBytes, (filler) =>
    JSON.stringify({
      id: 'chatcmpl-0123456789abcdefghijklmn',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: PROVIDER_MODEL,
      choices: [
        { index: 0, message: { role: 'assistant', content: `Here is a summary. ${filler}`, refusal: null }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 212, completion_tokens: 160, total_tokens: 372 },
    }),
  );

const words = 'the quick brown fox jumps over the lazy dog and runs away '.repeat(20);

function padded(bytes: number, text: (filler: string) => string): string {
  return text(words.slice(0, bytes - Buffer.byteLength(text(''))));
}
