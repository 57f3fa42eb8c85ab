import { randomUUID } from 'node:crypto';
import { StoreError } from '../../ports/key-store.ts';
import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import { lookWaitMs, openLookout, type Lookout } from './lookout.ts';
import type { Question } from './questions.ts';
import { LOST, OTHER_SERVER } from './codes.ts';
import type { Script } from './scripts.ts';
import { parseList, type Look } from './server.ts';
import { changedError, openStanding, type Identity, type Standing } from './standing.ts';

/** Questions to one store, and what is known of it. */
export interface Session extends Pick<Standing, 'known' | 'change' | 'onChange'>, Pick<Lookout, 'nowMs' | 'setNow'> {
  /** The answer of a script. Throws `StoreError`, `refused` where the store is not the one that is known. */
  readonly ask: (script: Script, question: Question, waitMs: number) => Promise<readonly unknown[]>;
  /** Throws `StoreError` `refused` while a change is not accepted. */
  readonly mustBeKnown: () => void;
  readonly epoch: () => Promise<string | undefined>;
  readonly accept: (change: { readonly now: Identity }) => Promise<void>;
  readonly healthy: () => boolean;
  readonly close: () => Promise<void>;
}

export interface SessionOptions {
  readonly keys: Keys;
  readonly look: Script;
  readonly known: Identity | undefined;
  readonly openWaitMs: number;
}

/** Throws `StoreError`, `refused` where the server is not fit for limits or lets nobody in. */
export async function openSession(link: Link, { keys, look, known, openWaitMs }: SessionOptions): Promise<Session> {
  const lookout = openLookout(link, look, keys);
  try {
    await link.ready(openWaitMs);
    // Only who knows of no store before may give a store its name: else one that has lost its memory would look like a new one.
    const first = identityOf(await lookout.look(openWaitMs, known === undefined ? randomUUID() : ''));
    const standing = openStanding(known ?? first);
    standing.see(first);
    lookout.start((looked) => {
      standing.see(identityOf(looked));
    });
    return sessionOf(link, lookout, standing);
  } catch (error) {
    link.close();
    throw error;
  }
}

function sessionOf(link: Link, lookout: Lookout, standing: Standing): Session {
  const adopt = (identity: Identity): void => {
    lookout.discard();
    standing.accept(identity);
  };
  return {
    known: standing.known,
    change: standing.change,
    onChange: standing.onChange,
    nowMs: lookout.nowMs,
    setNow: lookout.setNow,
    ask: async (script, { keys, values }, waitMs) => {
      const answer = parseList(await link.run(script, keys, values, waitMs));
      if (answer[0] === LOST || answer[0] === OTHER_SERVER) {
        lookout.again();
        throw changedError(answer[0] === LOST ? 'memory' : 'server');
      }
      return answer;
    },
    mustBeKnown: () => {
      const change = standing.change();
      if (change !== undefined) {
        throw changedError(change.kind);
      }
    },
    epoch: async () => {
      const now = identityOf(await lookout.look(lookWaitMs));
      if (now.epoch !== undefined && now.epoch !== standing.known().epoch) {
        adopt({ epoch: now.epoch, runId: standing.known().runId });
      }
      standing.see(now);
      return now.epoch;
    },
    accept: async ({ now }) => {
      const found = identityOf(await lookout.look(lookWaitMs, now.epoch === undefined ? randomUUID() : ''));
      if (found.runId !== now.runId || (now.epoch !== undefined && found.epoch !== now.epoch)) {
        standing.see(found);
        throw new StoreError('refused', new Error('the store has changed again: look at the new change before you accept it'));
      }
      adopt(found);
    },
    healthy: () => lookout.isFresh() && standing.change() === undefined,
    close: () => {
      lookout.stop();
      link.close();
      return Promise.resolve();
    },
  };
}

const identityOf = ({ epoch, runId }: Look): Identity => ({ epoch, runId });
