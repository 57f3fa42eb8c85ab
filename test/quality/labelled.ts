/** A text and what is in it: the form of all data that are judged, our own and other people's. */
export interface Labelled {
  readonly text: string;
  readonly spans: readonly Span[];
}

export interface Span {
  /** UTF-16 units; `end` is behind the last one. */
  readonly start: number;
  readonly end: number;
  readonly entity: string;
}
