import { describe, expect, it } from 'vitest';
import { deny, fault } from '../../../../src/core/outcome.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { errorEventOf } from '../../../../src/policy/masking/error-event.ts';

const operations: readonly BodyOperation[] = ['chat', 'completions', 'embeddings', 'responses', 'messages', 'count_tokens'];

describe.each(operations)('an error event of %s', (operation) => {
  it('says what may be said of a refusal, and of a fault nothing more than that there was one', () => {
    const denied = errorEventOf(operation, deny('answer_blocked', 'ours alone', 'Found: card.'), 3).toString();
    expect(denied).toMatch(/^(?:event: error\n)?data: \{.*\}\n\n$/);
    expect(denied).toContain('Found: card.');
    expect(denied).not.toContain('ours alone');
    const faulted = errorEventOf(operation, fault('guard', 'guard', 'ours alone'), 3).toString();
    expect(faulted).toContain('could not check the answer');
    expect(faulted).not.toContain('ours alone');
  });
});
