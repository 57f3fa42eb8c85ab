import { describe, expect, it } from 'vitest';
import { DENIALS, FAULT_ROW } from '../../../../src/core/denials.ts';
import { errorBody } from '../../../../src/policy/llm/error-body.ts';
import { modelsBody } from '../../../../src/policy/llm/models-body.ts';

const row = (status: number) => ({ code: 'some_code', status, text: 'Some text.' });

describe('errorBody', () => {
  it.each([
    [400, 'invalid_request_error', 'invalid_request_error'],
    [401, 'invalid_request_error', 'authentication_error'],
    [403, 'invalid_request_error', 'permission_error'],
    [404, 'invalid_request_error', 'not_found_error'],
    [405, 'invalid_request_error', 'invalid_request_error'],
    [413, 'invalid_request_error', 'request_too_large'],
    [415, 'invalid_request_error', 'invalid_request_error'],
    [429, 'rate_limit_error', 'rate_limit_error'],
    [500, 'server_error', 'api_error'],
    [502, 'server_error', 'api_error'],
    [503, 'server_error', 'api_error'],
    [504, 'server_error', 'timeout_error'],
    [529, 'server_error', 'overloaded_error'],
  ])('gives status %i the type %s (OpenAI) and %s (Anthropic)', (status, openai, anthropic) => {
    expect(JSON.parse(errorBody('openai', row(status)))).toEqual({
      error: { message: 'Some text.', type: openai, param: null, code: 'some_code' },
    });
    expect(JSON.parse(errorBody('anthropic', row(status)))).toEqual({ type: 'error', error: { type: anthropic, message: 'Some text.' } });
  });

  it('puts the hint behind the text, whatever characters it has', () => {
    expect(errorBody('openai', row(400), 'the "n" field\n')).toContain('"message":"Some text. the \\"n\\" field\\n"');
    expect(errorBody('anthropic', row(400), 'the "n" field\n')).toContain('"message":"Some text. the \\"n\\" field\\n"');
  });

  it('takes every row of the tables', () => {
    for (const [code, denial] of [...Object.entries(DENIALS), [FAULT_ROW.code, FAULT_ROW] as const]) {
      expect(JSON.parse(errorBody('openai', { code, ...denial }))).toMatchObject({ error: { code, message: denial.text } });
    }
  });
});

describe('modelsBody', () => {
  it('lists in the shape of OpenAI', () => {
    expect(JSON.parse(modelsBody('openai', ['gpt-4o', 'a"b'], 1_700_000_000))).toEqual({
      object: 'list',
      data: [
        { id: 'gpt-4o', object: 'model', created: 1_700_000_000, owned_by: 'sallyport' },
        { id: 'a"b', object: 'model', created: 1_700_000_000, owned_by: 'sallyport' },
      ],
    });
  });

  it('lists in the shape of Anthropic, as one whole page', () => {
    expect(JSON.parse(modelsBody('anthropic', ['claude-a', 'claude-b'], 1_700_000_000))).toEqual({
      data: [
        { type: 'model', id: 'claude-a', display_name: 'claude-a', created_at: '2023-11-14T22:13:20.000Z' },
        { type: 'model', id: 'claude-b', display_name: 'claude-b', created_at: '2023-11-14T22:13:20.000Z' },
      ],
      has_more: false,
      first_id: 'claude-a',
      last_id: 'claude-b',
    });
  });

  it('lists nothing for a caller that may use nothing', () => {
    expect(JSON.parse(modelsBody('openai', [], 0))).toEqual({ object: 'list', data: [] });
    expect(JSON.parse(modelsBody('anthropic', [], 0))).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
  });
});
