import type { ApiFamily } from '../../core/operation.ts';
import { mapRate, type InputPart, type OutputPart, type Rate, type Sheet } from './sheet.ts';

/** The prices of a sheet as somebody stated them. */
export interface StatedRates {
  readonly input: Readonly<Record<InputPart, Rate | undefined>> & { readonly input: Rate };
  readonly output: Readonly<Record<OutputPart, Rate | undefined>>;
}

/**
 * Puts a price where none is stated but one is certain not to be too low. Reasoning is output. Cached input is input. Written cache
 * is input too in OpenAI's API, but in Anthropic's it is dearer for every model: 1.25 times the input for five minutes, twice for an
 * hour. Audio has no such relation, so without a stated price it has none.
 */
export function completeRates({ input, output }: StatedRates, api: ApiFamily): Pick<Sheet, 'input' | 'output'> {
  const cacheWrite = input.cacheWrite ?? (api === 'anthropic' ? mapRate(input.input, aQuarterMore) : input.input);
  const twice = api === 'anthropic' ? mapRate(input.input, (rate) => 2 * rate) : cacheWrite;
  return {
    input: {
      input: input.input,
      inputAudio: input.inputAudio,
      cacheRead: input.cacheRead ?? input.input,
      cacheReadAudio: input.cacheReadAudio ?? input.inputAudio,
      cacheWrite,
      cacheWrite1h: input.cacheWrite1h ?? twice,
    },
    output: { output: output.output, reasoning: output.reasoning ?? output.output, outputAudio: output.outputAudio },
  };
}

const aQuarterMore = (rate: number): number => rate + Math.ceil(rate / 4);
