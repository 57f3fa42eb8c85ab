import { Buffer } from 'node:buffer';
import { deny, next, type Outcome } from '../../core/outcome.ts';
import { afterSpace, asBuffer, BYTE, byteAt } from '../json/cursor.ts';
import { describeRefusal } from '../json/document.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { answerTexts } from '../llm/texts/body-texts.ts';
import { writeBack } from '../llm/texts/write-back.ts';
import { dataOf } from '../llm/usage/sse-data.ts';
import { openAnswerFilters, type AnswerFilters, type AnswerSubject } from './answer-filters.ts';
import { answerReplacement, refuseFound, refuseUnseen } from './answer-sites.ts';
import { openNames } from './names-apart.ts';
import { readSites } from './request-sites.ts';

/** An answer as its client gets it. Plain data, so that it can come from another thread. */
export interface MaskedAnswer {
  readonly body: Buffer;
  readonly counts: ReadonlyMap<string, number>;
  readonly unknownPlaceholders: number;
}

/** What the body of an answer says it is. */
export type AnswerForm = 'json' | 'text';

/**
 * Refused where a text that names itself otherwise is an event stream: clients that asked for one read it as such, and put together what it
 * says in pieces, in which nothing would be found.
 */
export const judgeForm = (form: AnswerForm, bytes: Uint8Array): Outcome<null> =>
  form === 'text' && dataOf(asBuffer(bytes)) !== undefined ? deny('answer_unreadable', 'an event stream by another name') : next(null);

/** A whole answer, an error of its provider's among them: searched, and with the client's own values back in their places. */
export function maskAnswer(operation: BodyOperation, form: AnswerForm, bytes: Uint8Array, subject: AnswerSubject): Outcome<MaskedAnswer> {
  const filters = openAnswerFilters(subject);
  const body =
    form === 'json' && bytes.length > 0 && !isList(bytes) ? maskJson(operation, bytes, subject, filters) : maskText(bytes, filters);
  if (body.kind !== 'next') {
    return body;
  }
  return refuseFound(filters) ?? next({ body: body.found, counts: filters.counts, unknownPlaceholders: filters.unknownPlaceholders() });
}

/** Some servers send their errors so. No answer of the APIs is a list, so all of it is data: it is searched as a text that is JSON. */
const isList = (bytes: Uint8Array): boolean => byteAt(asBuffer(bytes), afterSpace(asBuffer(bytes), 0)) === BYTE.openBracket;

function maskJson(operation: BodyOperation, bytes: Uint8Array, { plan }: AnswerSubject, filters: AnswerFilters): Outcome<Buffer> {
  const read = answerTexts(operation, bytes);
  if (read.kind === 'refused') {
    return deny('answer_unreadable', describeRefusal(read));
  }
  const unseen = refuseUnseen(read.unreadable, plan);
  if (unseen !== undefined) {
    return unseen;
  }
  const sites = readSites(bytes, read.sites);
  const apart = openNames(sites);
  return next(
    writeBack(
      bytes,
      sites.flatMap((each) => apart(each, answerReplacement(each, filters))),
    ),
  );
}

/** What does not say that it is JSON: a proxy's error page, for one, or JSON all the same. Bytes that are no UTF-8 are not text. */
function maskText(bytes: Uint8Array, filters: AnswerFilters): Outcome<Buffer> {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes)
    ? next(Buffer.from(filters.either().end(text), 'utf8'))
    : deny('answer_unreadable', 'neither JSON nor UTF-8');
}
