/** Nobody waits for these: they go along with what somebody waits for, or so much later. */
const unhurriedMsDefault = 10;
/** Under load, when a message went out so short a time ago and is not answered, the next one waits for company. */
const gapMs = 1;
const gatheringMs = 2;
/** So many are company enough: more of them cost the other side as much each, and all wait longer. */
const companyMax = 16;

/** Decides when what is waiting is sent. */
export interface Gather {
  /** One more is waiting; `isHurried` where somebody waits for its answer. */
  add(isHurried: boolean): void;
  /** So many that were hurried have their answers, or are given up. */
  answered(count: number): void;
  /** Sends at once what is waiting: there will be no company. */
  flush(): void;
}

export interface GatherOptions {
  /** Sends everything that is waiting. */
  readonly send: () => void;
  /** What those that nobody waits for wait for company, milliseconds. */
  readonly unhurriedMs?: number | undefined;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonicMs?: () => number;
}

/**
 * To wake another thread or process costs more than most questions to it. What is asked in one turn of the event loop goes together; and
 * where others wait for answers already, what is asked within about two milliseconds does, or the first sixteen of it. Who asks alone never
 * waits. What nobody waits for goes along.
 */
export function openGather({ send, unhurriedMs = unhurriedMsDefault, monotonicMs = () => performance.now() }: GatherOptions): Gather {
  let unhurried = 0;
  let hurried = 0;
  let underWay = 0;
  let sentAtMs = -Infinity;
  let stage: 'idle' | 'unhurried' | 'gathering' | 'soon' = 'idle';
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  const sendAll = (): void => {
    stage = 'idle';
    underWay += hurried;
    unhurried = 0;
    hurried = 0;
    sentAtMs = monotonicMs();
    send();
  };
  const soon = (): void => {
    clearTimeout(timer);
    stage = 'soon';
    immediate = setImmediate(sendAll);
  };
  const later = (next: 'unhurried' | 'gathering', waitMs: number): void => {
    clearTimeout(timer);
    stage = next;
    timer = setTimeout(sendAll, waitMs);
  };

  return {
    add: (isHurried) => {
      hurried += isHurried ? 1 : 0;
      unhurried += isHurried ? 0 : 1;
      if (stage === 'soon') {
        return;
      }
      if (hurried >= companyMax || unhurried >= companyMax) {
        soon();
      } else if (stage !== 'gathering' && isHurried) {
        if (underWay > 0 && monotonicMs() - sentAtMs < gapMs) {
          later('gathering', gatheringMs);
        } else {
          soon();
        }
      } else if (stage === 'idle') {
        later('unhurried', unhurriedMs);
      }
    },
    answered: (count) => {
      underWay -= count;
    },
    flush: () => {
      clearTimeout(timer);
      clearImmediate(immediate);
      if (stage !== 'idle') {
        sendAll();
      }
    },
  };
}
