import type { MessagePort } from 'node:worker_threads';
import { failed, type Answered, type Asked, type Close, type Failure } from './conversation.ts';
import { must } from '../../core/assert.ts';
import { toStoreError } from './errors.ts';

export type Reply<Answer> = (answer: Answer | Failure) => void;

/** Replies once to each question, now or later, or throws. */
type Answering<Question, Answer> = (question: Question | Close, reply: Reply<Answer>) => void;

/** The thread's end of a conversation. `read` = what reads questions that come as text: answers then go back as text. */
export function serveThread<Question, Answer>(
  port: MessagePort,
  answer: Answering<Question, Answer>,
  read?: (text: string) => Asked<Question>,
): void {
  let replies: { readonly number: number; readonly answer: Answer | Failure }[] = [];
  const send = (): void => {
    const answered: Answered<Answer> = replies;
    port.postMessage(read === undefined ? answered : JSON.stringify(answered), []);
    replies = [];
  };

  const askOne = (number: number, question: Question | Close): void => {
    const reply: Reply<Answer> = (given) => {
      // What one transaction answers goes back in one message.
      if (replies.push({ number, answer: given }) === 1) {
        queueMicrotask(send);
      }
    };
    try {
      answer(question, reply);
    } catch (error) {
      reply(failed(toStoreError(error)));
    }
  };

  const questionsOf = (sent: string | Asked<Question>): Asked<Question> => {
    if (typeof sent !== 'string') {
      return sent;
    }
    must(read !== undefined, 'only a thread that reads text is written to in text');
    return read(sent);
  };
  port.on('message', (sent: string | Asked<Question>) => {
    for (const { number, question } of questionsOf(sent)) {
      askOne(number, question);
    }
  });
}

/** After the last reply has gone. */
export function hangUp(port: MessagePort): void {
  queueMicrotask(() => {
    port.close();
  });
}
