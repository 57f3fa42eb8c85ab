import { alnum, hex, letter, url, uuid } from './parts.ts';
import { token, tokens, type TokenRule, wordlikeToken } from './token-rule.ts';

/**
 * Keys of model providers and of the tools around models. Facts from the providers' own pages on keys and from the list of rules of
 * gitleaks (prefixes, lengths, alphabets); nothing else of it is used.
 */
export const modelRules: readonly TokenRule[] = [
  // The two halves around the base64 of "OpenAI" have changed their lengths more than once, so only the whole is bounded.
  ...tokens('openai', ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-None-'], url(40, 170)),
  token('openai', 'sk-', alnum(20), 'T3BlbkFJ', alnum(20)),
  // api03, admin01, oat01 and what may come.
  wordlikeToken('anthropic', 'sk-ant-', url(32, 140)),
  token('google-api', 'AIza', url(35)),
  token('groq', 'gsk_', alnum(52)),
  token('xai', 'xai-', alnum(80)),
  token('openrouter', 'sk-or-v1-', hex(64)),
  token('replicate', 'r8_', alnum(37)),
  token('nvidia', 'nvapi-', url(64)),
  token('hugging-face', 'hf_', alnum(34)),
  token('hugging-face', 'api_org_', letter(34)),
  token('perplexity', 'pplx-', alnum(40, 64)),
  token('langsmith', 'lsv2_pt_', hex(32), '_', hex(10)),
  token('langsmith', 'lsv2_sk_', hex(32), '_', hex(10)),
  token('langsmith', 'ls__', hex(32)),
  token('langfuse', 'sk-lf-', ...uuid),
  token('fireworks', 'fw_', alnum(22, 40)),
  token('together', 'tgp_v1_', url(43)),
  token('cerebras', 'csk-', alnum(48)),
  token('tavily', 'tvly-', url(32, 50)),
  token('pinecone', 'pcsk_', alnum(4, 8), '_', alnum(60, 68)),
  token('weights-and-biases', 'wandb_v1_', url(40, 90)),
  token('friendli', 'flp_', alnum(40, 60)),
  token('elevenlabs', 'sk_', hex(48)),
  token('nomic', 'nk-', url(43)),
  token('voyage', 'pa-', url(43)),
  token('jina', 'jina_', hex(32), alnum(28)),
  token('e2b', 'e2b_', hex(40)),
  token('firecrawl', 'fc-', hex(32)),
  // DeepSeek, Moonshot, Qwen and others: nothing but `sk-` and a long random value.
  wordlikeToken('sk-key', 'sk-', alnum(32, 64)),
];
