import { oncePer } from '../../core/once-per.ts';
import { mapRate, type Rate, type Sheet } from './sheet.ts';

/** Of Anthropic's `inference_geo`: anywhere, and what models say that have no such choice. */
const ANYWHERE: ReadonlySet<string> = new Set(['global', 'not_available']);

/** Anthropic bills 1.1 times the price of every token where a place is chosen; lists of prices do not have it. */
const dearer = (rate: Rate): Rate => mapRate(rate, (price) => price + Math.ceil(price / 10));

const dearerToo = (rate: Rate | undefined): Rate | undefined => rate && dearer(rate);

/** The same prices where a place was chosen. */
const inPlace = oncePer((sheet: Sheet): Sheet => ({
  ...sheet,
  input: {
    input: dearer(sheet.input.input),
    inputAudio: dearerToo(sheet.input.inputAudio),
    cacheRead: dearerToo(sheet.input.cacheRead),
    cacheReadAudio: dearerToo(sheet.input.cacheReadAudio),
    cacheWrite: dearerToo(sheet.input.cacheWrite),
    cacheWrite1h: dearerToo(sheet.input.cacheWrite1h),
  },
  output: {
    output: dearerToo(sheet.output.output),
    reasoning: dearerToo(sheet.output.reasoning),
    outputAudio: dearerToo(sheet.output.outputAudio),
  },
  otherInput: sheet.otherInput.map(dearer),
  otherOutput: sheet.otherOutput.map(dearer),
}));

/** The prices for a request or an answer that names this place; undefined = it names none. */
export const sheetIn = (sheet: Sheet, inferenceGeo: string | undefined): Sheet =>
  inferenceGeo === undefined || ANYWHERE.has(inferenceGeo) ? sheet : inPlace(sheet);
