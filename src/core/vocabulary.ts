/** Vocabularies of tokens that are public, by the names that OpenAI gives them. Other providers' are not, or not theirs of today. */
export const VOCABULARIES = ['o200k_base', 'cl100k_base'] as const;
export type Vocabulary = (typeof VOCABULARIES)[number];
