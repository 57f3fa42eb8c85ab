import { openGather, type GatherOptions } from '../../core/gather.ts';
import { StoreError } from '../../ports/key-store.ts';

/** One script for so many at most, so that nobody else waits long for the server. */
const itemsMax = 16;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly waitMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks the store about one item. */
export type Ask<Item, Answer> = (item: Item, waitMs: number) => Promise<Answer>;

type Send<Item, Answer> = (items: readonly Item[], waitMs: number) => Promise<readonly Answer[]>;

/** Questions of several kinds to one store, each kind in scripts of its own. */
export interface Batches {
  /** A kind that is opened before another goes before it. What nobody waits for (`isHurried` false) goes along with others. */
  open<Item extends { readonly id: string }, Answer>(
    send: Send<Item, Answer>,
    options?: { readonly isHurried: boolean },
  ): Ask<Item, Answer>;
  /** Sends what is waiting. Resolves when everything that was sent is answered, or given up. */
  drain(): Promise<void>;
}

/**
 * A script costs the server as much to begin as to count: questions that are gathered share it, and counters that they share are read and
 * written once. Each is still answered by itself. No id is twice in one script: the second question wants to see what the first has done.
 */
export function openBatches({ unhurriedMs }: Pick<GatherOptions, 'unhurriedMs'> = {}): Batches {
  const kinds: (() => void)[] = [];
  const underWay = new Set<Promise<void>>();
  const gather = openGather({
    send: () => {
      for (const sendKind of kinds) {
        sendKind();
      }
    },
    unhurriedMs,
  });
  return {
    open: <Item extends { readonly id: string }, Answer>(
      send: Send<Item, Answer>,
      { isHurried } = { isHurried: true },
    ): Ask<Item, Answer> => {
      let waiting: Waiting<Item, Answer>[] = [];
      kinds.push(() => {
        const all = waiting;
        waiting = [];
        for (const group of grouped(all)) {
          const delivery = deliver(group, send).then(() => {
            underWay.delete(delivery);
            gather.answered(isHurried ? group.length : 0);
          });
          underWay.add(delivery);
        }
      });
      return (item, waitMs) =>
        new Promise((resolve, reject) => {
          waiting.push({ item, waitMs, resolve, reject });
          gather.add(isHurried);
        });
    },
    drain: async () => {
      gather.flush();
      await Promise.all(underWay);
    },
  };
}

function grouped<Item extends { readonly id: string }, Answer>(all: readonly Waiting<Item, Answer>[]): readonly Waiting<Item, Answer>[][] {
  const groups: Waiting<Item, Answer>[][] = [];
  let group: Waiting<Item, Answer>[] = [];
  const ids = new Set<string>();
  for (const one of all) {
    const first = group[0];
    if (first === undefined || group.length === itemsMax || ids.has(one.item.id) || first.waitMs !== one.waitMs) {
      group = [];
      groups.push(group);
      ids.clear();
    }
    ids.add(one.item.id);
    group.push(one);
  }
  return groups;
}

async function deliver<Item, Answer>(group: readonly Waiting<Item, Answer>[], send: Send<Item, Answer>): Promise<void> {
  try {
    const answers = await send(
      group.map(({ item }) => item),
      group[0]?.waitMs ?? 0,
    );
    for (const [index, { resolve, reject }] of group.entries()) {
      const answer = answers[index];
      if (answer === undefined) {
        reject(new StoreError('bad_reply', new Error('the store did not answer every question')));
      } else {
        resolve(answer);
      }
    }
  } catch (error) {
    for (const { reject } of group) {
      reject(error);
    }
  }
}
