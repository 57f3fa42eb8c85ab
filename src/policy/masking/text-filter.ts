/** Changes a text that comes in pieces. What it gives, put together, does not depend on where the text is cut. */
export interface TextFilter {
  push(text: string): string;
  /** The rest. Nothing may be pushed behind it. */
  end(): string;
}

export const filterWhole = (filter: TextFilter, text: string): string => filter.push(text) + filter.end();

/** What the first gives goes through the second. */
export const chain = (first: TextFilter, second: TextFilter): TextFilter => ({
  push: (text) => second.push(first.push(text)),
  end: () => second.push(first.end()) + second.end(),
});
