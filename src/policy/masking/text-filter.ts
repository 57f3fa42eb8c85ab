/** Changes a text that comes in pieces. What it gives, put together, does not depend on where the text is cut. */
export interface TextFilter {
  push(text: string): string;
  /** The last piece: what was held back goes out with it. Nothing may be pushed behind it. */
  end(text: string): string;
}

/** What the first gives goes through the second. */
export const chain = (first: TextFilter, second: TextFilter): TextFilter => ({
  push: (text) => second.push(first.push(text)),
  end: (text) => second.end(first.end(text)),
});
