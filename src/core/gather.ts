/** Nobody waits for these: they go along with others, or so much later. */
const unhurriedMsMax = 2;
/** So many of them are worth a message of their own. */
const unhurriedMax = 8;
/** Under load, when a message went out so short a time ago and is not answered, the next one waits for company. */
const gapMs = 1;
const gatheringMs = 2;

/** Decides when what is waiting is sent. */
export interface Gather {
  /** One more is waiting; `isHurried` where somebody waits for its answer. */
  add(isHurried: boolean): void;
  /** So many that were hurried have their answers, or are given up. */
  answered(count: number): void;
}

export interface GatherOptions {
  /** Sends everything that is waiting. */
  readonly send: () => void;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonicMs?: () => number;
}

/**
 * To wake another thread or process costs more than most questions to it. What is asked in one turn of the event loop goes together; and
 * where others wait for answers already, what is asked within about two milliseconds does. Who asks alone never waits.
 */
export function openGather({ send, monotonicMs = () => performance.now() }: GatherOptions): Gather {
  let waiting = 0;
  let hurried = 0;
  let underWay = 0;
  let sentAtMs = -Infinity;
  let stage: 'idle' | 'unhurried' | 'gathering' | 'soon' = 'idle';
  let timer: NodeJS.Timeout | undefined;

  const sendAll = (): void => {
    clearTimeout(timer);
    stage = 'idle';
    waiting = 0;
    underWay += hurried;
    hurried = 0;
    sentAtMs = monotonicMs();
    send();
  };
  const later = (next: 'unhurried' | 'gathering', waitMs: number): void => {
    clearTimeout(timer);
    stage = next;
    timer = setTimeout(sendAll, waitMs);
  };

  return {
    add: (isHurried) => {
      waiting += 1;
      hurried += isHurried ? 1 : 0;
      if (stage === 'soon' || stage === 'gathering') {
        return;
      }
      if (!isHurried && waiting < unhurriedMax) {
        if (stage === 'idle') {
          later('unhurried', unhurriedMsMax);
        }
      } else if (underWay > 0 && monotonicMs() - sentAtMs < gapMs) {
        later('gathering', gatheringMs);
      } else {
        stage = 'soon';
        setImmediate(sendAll);
      }
    },
    answered: (count) => {
      underWay -= count;
    },
  };
}
