import { parentPort } from 'node:worker_threads';
import { must, never } from '../../core/assert.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import { countBody, type CountText } from './count-body.ts';
import type { TokenAnswer, TokenQuestion } from './token-counter.ts';

/** Words whose merges are remembered: the texts are chosen by senders. */
const knownWordsMax = 10_000;

const loaded = new Map<Vocabulary, Promise<CountText>>();

function load(vocabulary: Vocabulary): Promise<CountText> {
  const known = loaded.get(vocabulary) ?? read(vocabulary);
  loaded.set(vocabulary, known);
  return known;
}

/** Some tens of megabytes each: only those that are asked for. */
async function read(vocabulary: Vocabulary): Promise<CountText> {
  const { countTokens, setMergeCacheSize } = await encodingOf(vocabulary);
  setMergeCacheSize(knownWordsMax);
  // Providers take the names of special tokens in a request for text, too; the library would throw.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => countTokens(text, options);
}

function encodingOf(vocabulary: Vocabulary) {
  switch (vocabulary) {
    case 'o200k_base':
      return import('gpt-tokenizer/encoding/o200k_base');
    case 'cl100k_base':
      return import('gpt-tokenizer/encoding/cl100k_base');
    default:
      return never(vocabulary);
  }
}

const port = parentPort;
must(port !== null, 'this file is started by token-counter.ts as a worker thread');

port.on('message', ({ number, vocabulary, body }: TokenQuestion) => {
  void load(vocabulary).then((countText) => {
    port.postMessage({ number, tokens: body === undefined ? 0 : countBody(body, countText) } satisfies TokenAnswer, []);
  });
});
