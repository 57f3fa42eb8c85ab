import { leaseMs } from '../../src/pipeline/holds.ts';
import { compareCharges } from './bills.ts';
import { promised } from './check.ts';
import type { Exchange } from './exchange.ts';
import { onStage, type Stage } from './stage.ts';
import { restMs, setClocks, takeStep } from './steps.ts';

const stepsMax = 80;
const calmChance = 0.2;
/** An answer that nobody cuts is over after a few minutes. */
const endsWithinMs = 10 * 60_000;
const pauseMs = 5_000;

/** What came about in a run that kept every promise, by its name and how often. */
export type Outcomes = ReadonlyMap<string, number>;

/** One run, drawn from its seed; every promise is looked at after each step. Throws where one was broken, with the way to replay it. */
export async function simulate(seed: number): Promise<Outcomes> {
  const happened: string[] = [];
  try {
    return await onStage(seed, (stage) => play(stage, happened));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const story = happened.slice(-12).join('\n  ');
    const replay = `SEED=${String(seed)} npx vitest run --project simulation`;
    throw new Error(`seed ${String(seed)}, step ${String(happened.length)}: ${what}\n  ${story}\nReplay it with ${replay}`, {
      cause: error,
    });
  }
}

async function play(stage: Stage, happened: string[]): Promise<Outcomes> {
  const { random, time, look } = stage;
  const isCalm = random.chance(calmChance);
  const steps = random.between(1, stepsMax);
  for (let step = 0; step < steps; step += 1) {
    happened.push(`${String(time.nowMs())} ms: ${takeStep(stage, isCalm)}`);
    await time.pass(restMs(stage));
    setClocks(stage);
    await look();
  }
  happened.push(`${String(time.nowMs())} ms: faults and requests end`);
  await comeToRest(stage);
  return new Map([...stage.traffic.outcomes(), ['lapsed', stage.lapses()]]);
}

/** Nothing is held for longer than a lease once all is quiet, and every exchange was charged as it should be. */
async function comeToRest(stage: Stage): Promise<void> {
  const { time, weather, fleet, traffic, reference, look } = stage;
  weather.roughUntilMs = 0;
  weather.hangsUntilMs = 0;
  weather.cutOff = { name: '', untilMs: 0 };
  fleet.restart();
  const endMs = time.nowMs() + endsWithinMs;
  while (fleet.inFlight() > 0 || fleet.alive().some((sidecar) => traffic.count(sidecar) > 0)) {
    promised(time.nowMs() < endMs, 'every exchange ends');
    await time.pass(pauseMs);
    await look();
  }
  await time.pass(leaseMs + 1_000);
  await look();
  promised((await reference.store.openHolds()) === 0, 'no hold is left when a lease has run out');
  for (const sidecar of fleet.alive()) {
    promised(sidecar.open() === 0 && sidecar.unacknowledged() === 0, 'the store knows how each hold ended', () => sidecar.name);
  }
  compareCharges(
    reference,
    (held) => traffic.find(held),
    (id, exchange) => isUntold(stage, id, exchange),
  );
  await Promise.all(fleet.alive().map((sidecar) => sidecar.close()));
}

/** True where the process is gone, and its journal (if it had one) does not know how the exchange ended. */
const isUntold = ({ fleet, world }: Stage, id: string, exchange: Exchange | undefined): boolean =>
  fleet.find(id)?.isAlive() !== true && (!world.hasJournals || exchange?.expected === undefined);
