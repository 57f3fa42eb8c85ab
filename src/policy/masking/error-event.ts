import { Buffer } from 'node:buffer';
import { never } from '../../core/assert.ts';
import { DENIALS, ANSWER_FAULT_ROW } from '../../core/denials.ts';
import type { Denied, Faulted } from '../../core/outcome.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { errorBody, errorMessage, errorObject } from '../llm/error-body.ts';

/** The last event of a stream that may not go on, in the shape of the API that was called: its clients raise it as an error. */
export function errorEventOf(operation: BodyOperation, refusal: Denied | Faulted, sequence: number): Buffer {
  const hint = refusal.kind === 'deny' ? refusal.denial.publicHint : undefined;
  const row = refusal.kind === 'deny' ? { code: refusal.denial.code, ...DENIALS[refusal.denial.code] } : ANSWER_FAULT_ROW;
  switch (operation) {
    case 'messages':
    case 'count_tokens':
      return Buffer.from(`event: error\ndata: ${errorBody('anthropic', row, hint)}\n\n`, 'utf8');
    case 'responses': {
      // The API is documented without `error` and sends it, and there are clients that raise by it alone.
      const flat = { type: 'error', code: row.code, message: errorMessage(row, hint), param: null };
      const event = { ...flat, ...errorObject('openai', row, hint), sequence_number: sequence };
      return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`, 'utf8');
    }
    case 'chat':
    case 'completions':
    case 'embeddings':
      return Buffer.from(`data: ${errorBody('openai', row, hint)}\n\n`, 'utf8');
    default:
      return never(operation);
  }
}
