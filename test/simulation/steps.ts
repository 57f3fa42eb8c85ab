import type { Stage } from './stage.ts';

/** Does something to the stage; returns what, for whoever reads a failure. */
type Step = (stage: Stage) => string;

const pickOf = <Item>({ random }: Stage, items: readonly Item[]): Item | undefined => items[random.between(0, items.length - 1)];

const send: Step = (stage) => {
  const { random, fleet, traffic } = stage;
  const count = random.chance(0.2) ? random.between(2, 10) : 1;
  for (let sent = 0; sent < count; sent += 1) {
    const sidecar = pickOf(stage, fleet.alive());
    if (sidecar !== undefined) {
      traffic.send(sidecar);
    }
  }
  return `${String(count)} requests`;
};

const roughen: Step = ({ random, weather, time }) => {
  const ms = random.between(100, 30_000);
  weather.roughUntilMs = time.nowMs() + ms;
  return `answers get lost for ${String(ms)} ms`;
};

const hang: Step = ({ random, weather, time }) => {
  const ms = random.between(10, random.pick([100, 3_000, 3_000, 60_000]));
  weather.hangsUntilMs = time.nowMs() + ms;
  return `the store hangs for ${String(ms)} ms`;
};

const cutOff: Step = (stage) => {
  const { random, time, weather, fleet } = stage;
  const name = pickOf(stage, fleet.alive())?.name ?? '';
  const ms = random.between(1_000, 60_000);
  weather.cutOff = { name, untilMs: time.nowMs() + ms };
  return `${name} does not reach the store for ${String(ms)} ms`;
};

const kill: Step = (stage) => {
  const sidecar = pickOf(stage, stage.fleet.alive());
  sidecar?.kill();
  return `${sidecar?.name ?? 'nobody'} is killed`;
};

const restart: Step = ({ fleet }) => {
  fleet.restart();
  return 'those that are gone start again';
};

const hourMs = 3_600_000;

const jump: Step = (stage) => {
  const ms = stage.random.between(0, stage.random.pick([5_000, 60_000, hourMs, 30 * hourMs]));
  stage.jump(ms);
  return `the store's clock goes ahead by ${String(ms)} ms`;
};

const NAMED: readonly (readonly [weight: number, step: Step])[] = [
  [30, send],
  [2, roughen],
  [2, hang],
  [1, cutOff],
  [2, kill],
  [3, restart],
  [1, jump],
];
const weights = NAMED.reduce((sum, [weight]) => sum + weight, 0);

/** One step of a run; `isCalm` = no faults. */
export function takeStep(stage: Stage, isCalm: boolean): string {
  let dice = stage.random.between(1, weights);
  for (const [weight, step] of NAMED) {
    dice -= weight;
    if (dice <= 0) {
      return isCalm ? send(stage) : step(stage);
    }
  }
  return 'nothing';
}

/** How long it takes until the next step: mostly a moment. */
export const restMs = ({ random }: Stage): number => random.between(0, random.pick([0, 20, 500, 500, 3_000, 15_000]));

/** Whoever has nothing to do sets its clock by the store's, now and then. */
export function setClocks({ random, fleet, traffic, aheadMs }: Stage): void {
  for (const sidecar of fleet.alive()) {
    if (random.chance(0.3) && traffic.count(sidecar) === 0) {
      fleet.adjustClock(sidecar, aheadMs());
    }
  }
}
