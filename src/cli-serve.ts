import type { Settings } from './config/settings.ts';
import { startSidecar } from './serve.ts';

/** Serves until SIGTERM or SIGINT, then drains. A second signal ends the wait. */
export async function serveUntilSignal(settings: Settings, instance: number): Promise<number> {
  const sidecar = await startSidecar(settings, instance);
  process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'listening', ...sidecar.ports })}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const whole = await sidecar.drain();
  return whole ? 0 : 1;
}
