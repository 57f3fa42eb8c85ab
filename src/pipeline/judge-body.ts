import type { Eventually } from '../core/eventually.ts';
import type { Endpoint } from '../core/operation.ts';
import type { Outcome } from '../core/outcome.ts';
import type { JudgedBody } from '../policy/llm/body.ts';

/** Judges a body; large ones beside the event loop, hence perhaps later. */
export type JudgeBody = (endpoint: Endpoint, bytes: Buffer) => Eventually<Outcome<JudgedBody>>;
