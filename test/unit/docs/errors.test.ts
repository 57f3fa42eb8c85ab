import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ANSWER_FAULT_ROW, DENIALS, FAULT_ROW } from '../../../src/core/denials.ts';
import { localReplyConfig } from '../../../src/envoy/local-replies.ts';
import { codeIn, readText, rowsUnder } from './markdown.ts';

const [refusals = '', envoyAnswers = ''] = readText('docs/errors.md').split('## Answers that Envoy makes itself');

const tableIn = (text: string): readonly string[] =>
  rowsUnder(text, 'Code').map((row) => `${codeIn(row.get('Code')).join()} ${row.get('Status') ?? ''}`);

/** Envoy's replies in OpenAI's shape, which alone has codes. The last one answers whatever status has no row. */
const mapper = z.object({
  status_code: z.number().optional(),
  filter: z.object({ extension_filter: z.object({ typed_config: z.object({ expression: z.string() }) }) }),
  body_format_override: z.object({ json_format: z.object({ error: z.object({ code: z.string().optional() }) }) }),
});

describe('docs/errors.md', () => {
  it('explains every refusal of the sidecar, with its status', () => {
    const all = [...Object.entries(DENIALS), ...[FAULT_ROW, ANSWER_FAULT_ROW].map((row) => [row.code, row] as const)];
    expect(tableIn(refusals)).toEqual(all.map(([code, { status }]) => `${code} ${String(status)}`));
  });

  it('explains every answer that Envoy makes itself, with its status', () => {
    const { mappers } = z.object({ mappers: z.array(mapper) }).parse(localReplyConfig({ bodyMaxBytes: 1 }));
    const answers = mappers.flatMap(({ status_code: status, filter, body_format_override: { json_format: body } }) => {
      const { expression } = filter.extension_filter.typed_config;
      const shown = status ?? Number(/response\.code == (\d+)/.exec(expression)?.[1] ?? Number.NaN);
      return body.error.code === undefined || Number.isNaN(shown) ? [] : [`${body.error.code} ${String(shown)}`];
    });
    expect(answers.length).toBeGreaterThan(10);
    expect(tableIn(envoyAnswers).toSorted()).toEqual([...new Set(answers)].toSorted());
  });

  it('says what to do about each', () => {
    const silent = rowsUnder(readText('docs/errors.md'), 'Code').filter((row) => (row.get('What to do') ?? '').length < 5);
    expect(silent).toEqual([]);
  });
});
