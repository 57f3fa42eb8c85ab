import { defineConfig } from 'vitest/config';

const project = (name: string, options: object = {}): { test: object } => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

// Real Envoys, sidecars and emulators on two cores: slow machines must not fail by the clock, so limits are generous.
const withProcesses = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      project('unit', { testTimeout: 30_000 }),
      project('property', { testTimeout: 120_000 }),
      project('simulation', { testTimeout: 60_000 }),
      project('contract', withProcesses),
      project('wire', withProcesses),
      project('e2e', withProcesses),
    ],
    maxWorkers: 2,
    // Judgements and vocabulary: every branch is somebody's access.
    coverage: { provider: 'v8', include: ['src/core/**', 'src/policy/**'], thresholds: { branches: 99 } },
  },
});
