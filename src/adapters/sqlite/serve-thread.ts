import type { MessagePort } from 'node:worker_threads';
import { failed, readQuestions, type Answered, type Asked, type Close, type Failure } from './conversation.ts';
import { toStoreError } from './errors.ts';

export type Reply<Answer> = (answer: Answer | Failure) => void;

/** Replies once to each question, now or later, or throws. */
type Answering<Question, Answer> = (question: Question | Close, reply: Reply<Answer>) => void;

/** The thread's end of a conversation. */
export function serveThread<Question, Answer>(port: MessagePort, answer: Answering<Question, Answer>): void {
  // Answers go back as questions come.
  let isText = false;
  let replies: { readonly number: number; readonly answer: Answer | Failure }[] = [];
  const send = (): void => {
    const answered: Answered<Answer> = replies;
    port.postMessage(isText ? JSON.stringify(answered) : answered, []);
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

  port.on('message', (sent: string | Asked<Question>) => {
    isText = typeof sent === 'string';
    for (const { number, question } of typeof sent === 'string' ? readQuestions<Question>(sent) : sent) {
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
