import { bars } from './bars.ts';
import { precisionOf, recallOf, type Tally } from './judge.ts';

/** The worst errors that are shown of each kind and entity. */
const errorsMax = 5;

const figure = (value: number): string => value.toFixed(3).padStart(6);

/** False where the entity has a bar and does not reach it. Nothing is asked of what does not occur in the data. */
export function reachesBar(tally: Tally): boolean {
  const bar = bars.get(tally.entity);
  return bar === undefined || tally.samples === 0 || (recallOf(tally) >= bar.recall && precisionOf(tally) >= bar.precision);
}

/** The table, then the errors. `ours`: the entities that there are detectors for. */
export function writeReport(title: string, tallies: readonly Tally[], ours: ReadonlySet<string>): string {
  const judged = tallies.filter(({ entity, samples }) => ours.has(entity) && samples > 0);
  const strange = tallies.filter(({ entity }) => !ours.has(entity));
  const unlabelled = tallies.filter(({ entity, samples }) => ours.has(entity) && samples === 0);
  return [
    title,
    `${'entity'.padEnd(18)} samples recall precision hidden`,
    ...judged.map(row),
    ...unlabelled.map(({ entity, wrong }) => `${entity.padEnd(18)} found ${String(wrong)} times, and not labelled in these data`),
    ...strange.map(({ entity, samples }) => `${entity.padEnd(18)} ${String(samples)} samples: no detector of ours`),
    '',
    ...[...judged, ...unlabelled].flatMap(errors),
  ].join('\n');
}

function row(tally: Tally): string {
  const { entity, samples, hidden } = tally;
  const mark = reachesBar(tally) ? '' : `  below its bar${barText(entity)}`;
  return `${entity.padEnd(18)} ${String(samples).padStart(7)} ${figure(recallOf(tally))}    ${figure(precisionOf(tally))} ${figure(hidden / samples)}${mark}`;
}

function barText(entity: string): string {
  const bar = bars.get(entity);
  return bar === undefined ? '' : `: recall ${String(bar.recall)}, precision ${String(bar.precision)}`;
}

function errors({ entity, missed, invented }: Tally): readonly string[] {
  const some = (kind: string, list: readonly string[]): readonly string[] =>
    list.length === 0 ? [] : [`${entity}: ${String(list.length)} ${kind}`, ...list.slice(0, errorsMax).map((each) => `  ${each}`)];
  return [...some('missed', missed), ...some('found where there is none', invented)];
}
