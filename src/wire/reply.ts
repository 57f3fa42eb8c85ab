import type { EncodedMessage } from './encoded.ts';
import type { ProcessingResponseMessage } from './messages.ts';

/** What a stream of ext_proc is answered; `last` = nothing more is owed after it. */
export interface Reply {
  readonly message: ProcessingResponseMessage | EncodedMessage;
  readonly last: boolean;
}
