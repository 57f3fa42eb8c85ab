import type { BodyOperation } from '../fields.ts';
import type { Observed } from './observed-text.ts';
import type { Usage } from './usage.ts';

/** What was learnt of an answer's cost. */
export interface Metered {
  /** What the provider reports, so far; undefined where it has not, or what it says is no figure. */
  readonly usage: Usage | undefined;
  /** Nothing more will be said: the report is the last one. */
  readonly isFinal: boolean;
  readonly observed: Observed;
}

/** Reads the cost of an answer while its body passes. Takes any bytes; never throws for them, and holds at most a megabyte or so. */
export interface Meter {
  /** The next piece of the body, cut anywhere. */
  push(piece: Uint8Array): void;
  /** What was learnt. `isWhole`: the answer has ended, and in order. */
  read(isWhole: boolean): Metered;
}

/** What is metered: `events` for `text/event-stream`, `json` for everything else. */
export interface MeterSubject {
  readonly operation: BodyOperation;
  readonly form: 'json' | 'events';
  /** As `JudgedBody` has it: the text then repeats the prompt, and says nothing about the output. */
  readonly echoes: boolean;
}
