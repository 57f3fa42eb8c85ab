import { StoreError } from '../../ports/key-store.ts';
import { detailOf } from './errors.ts';

/** What every store's thread is asked in the end: to write what is waiting and to close the file. */
export interface Close {
  readonly op: 'close';
}

/** Why a question has no answer. */
export interface Failure {
  readonly kind: 'error';
  readonly code: StoreError['code'];
  readonly detail: string;
}

/** Questions of one turn of the event loop travel together: a message costs more than what is in it. */
export type Asked<Question> = readonly { readonly number: number; readonly question: Question | Close }[];

export type Answered<Answer> = readonly { readonly number: number; readonly answer: Answer | Failure }[];

/** Of text. Members that were undefined are left out. */
export const readAnswers: <Answer>(text: string) => Answered<Answer> = JSON.parse;

export const failed = (error: StoreError): Failure => ({ kind: 'error', code: error.code, detail: detailOf(error) });

export const toError = ({ code, detail }: Failure): StoreError => new StoreError(code, new Error(detail));

/** Milliseconds of a clock that never steps back, and that all threads of a process read alike. */
export const sharedMonotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
