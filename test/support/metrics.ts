import { z } from 'zod';
import type { Door } from './door.ts';

const listening = z.looseObject({ msg: z.literal('listening'), health: z.number() });

/** The port of a sidecar's health listener, as its log says. */
export function healthPort(sidecar: Door['sidecars'][number]): number {
  for (const line of sidecar.stdout().split('\n')) {
    const parsed = line.startsWith('{') ? listening.safeParse(JSON.parse(line)) : undefined;
    if (parsed?.success === true) {
      return parsed.data.health;
    }
  }
  throw new Error('this sidecar has not said where it listens');
}

/** One page of a sidecar's health listener. */
export const healthPage = async (sidecar: Door['sidecars'][number], path: '/healthz' | '/readyz' | '/metrics'): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(healthPort(sidecar))}${path}`);

/** The sum of a metric's samples whose labels contain `labels`, over these sidecars; 0 where there is none. */
export async function metric(sidecars: Door['sidecars'], name: string, labels = ''): Promise<number> {
  const pages = await Promise.all(sidecars.map(async (sidecar) => (await healthPage(sidecar, '/metrics')).text()));
  return pages
    .flatMap((page) => page.split('\n'))
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
