import { never } from '../../core/assert.ts';
import { DENIALS, FAULT_ROW } from '../../core/denials.ts';
import type { Denied, Faulted, Outcome } from '../../core/outcome.ts';

/** What a client would be told. Nothing in it is a text of the body. */
export interface Refusal {
  readonly step: string;
  readonly code: string;
  readonly why: string;
}

/** Collects what would be refused, in the order in which the gateway comes to it: the first is what a client would get. */
export interface Refusals {
  readonly all: readonly Refusal[];
  /** What a step found; undefined where it refuses, which is noted. `more` is for the operator alone. */
  take<Found>(step: string, outcome: Outcome<Found>, more?: (detail: string) => string): Found | undefined;
}

export function openRefusals(): Refusals {
  const all: Refusal[] = [];
  return {
    all,
    take: (step, outcome, more) => {
      switch (outcome.kind) {
        case 'next':
          return outcome.found;
        case 'deny':
        case 'fault':
          all.push({ step, ...toldOf(outcome, more) });
          return undefined;
        default:
          return never(outcome);
      }
    },
  };
}

/** The detail of a denial may quote what the client sent, so it is shown only where a step says that it does not. */
function toldOf(refused: Denied | Faulted, more: (detail: string) => string = () => ''): Omit<Refusal, 'step'> {
  if (refused.kind === 'fault') {
    return { code: FAULT_ROW.code, why: FAULT_ROW.text };
  }
  const { code, publicHint, detail } = refused.denial;
  const words = [DENIALS[code].text, publicHint, detail === undefined ? undefined : more(detail)];
  return { code, why: words.filter((text) => text !== undefined && text !== '').join(' ') };
}
