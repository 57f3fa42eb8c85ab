import { Buffer } from 'node:buffer';
import { never } from '../../core/assert.ts';
import type { Edit } from '../json/splice.ts';
import type { JudgedBody } from './body.ts';

const edit = (start: number, end: number, text: string): readonly Edit[] => [{ start, end, replacement: Buffer.from(text, 'utf8') }];

/** True where usage comes in the stream only because we asked for it: the client's pieces are then without (`strip-usage.ts`). */
export const mustStripUsage = ({ usageRequest }: JudgedBody): boolean => usageRequest.kind !== 'given' && usageRequest.kind !== 'asked';

/** The edit that makes a streamed answer tell its usage; none where it does already. Other stream options stay as they are. */
export function usageEdits({ usageRequest: request, membersStart }: JudgedBody): readonly Edit[] {
  switch (request.kind) {
    case 'given':
    case 'asked':
      return [];
    case 'absent':
      return edit(membersStart, membersStart, '"stream_options":{"include_usage":true},');
    case 'unset':
      return edit(request.start, request.end, '{"include_usage":true}');
    case 'without':
      return edit(request.start, request.start, request.isEmpty ? '"include_usage":true' : '"include_usage":true,');
    case 'refused':
      return edit(request.start, request.end, 'true');
    default:
      return never(request);
  }
}
