import type { TextDecoder as NodeTextDecoder } from 'node:util';

declare global {
  /** The types of `gpt-tokenizer` name it as browsers do; Node's types have only the value. */
  interface TextDecoder extends NodeTextDecoder {}
}
