import type { Place } from './place.ts';

/** `error`: can leak keys, money or data, or lets a request pass undecided. `warning`: costs availability or hygiene. */
export type Severity = 'error' | 'warning';

/** One thing that is wrong, for a person to mend. */
export interface Finding {
  /** Stable; scripts may rely on it. */
  readonly id: string;
  readonly severity: Severity;
  /** Such as `listeners.edge.http_filters.ext_proc.failure_mode_allow`. */
  readonly where: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A row of the table of findings. */
export interface Row {
  readonly severity: Severity;
  readonly message: string;
  /** What follows from it, for the documentation. */
  readonly why: string;
}

export type Table = Readonly<Record<string, Row>>;

export const error = (message: string, why: string): Row => ({ severity: 'error', message, why });
export const warning = (message: string, why: string): Row => ({ severity: 'warning', message, why });

/** Makes the findings of one table. `detail` says what exactly stands there. */
export function reporter<Id extends string>(
  table: Readonly<Record<Id, Row>>,
): (id: Id, place: Pick<Place, 'path'>, detail?: string) => Finding {
  return (id, place, detail) => {
    const { severity, message } = table[id];
    return { id, severity, where: place.path, message: detail === undefined ? message : `${message} (${detail})` };
  };
}
