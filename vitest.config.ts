import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What Node makes of a `.ts` file is kept for all threads and processes that tests start. Else each thread loads the stripper of types, 670
// functions of WebAssembly made and freed again, and V8 may stop the process over many of those ("Check failed: jit_page.has_value()").
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/compiled', import.meta.url)) };

const project = (name: string, options: object = {}): { test: object } => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], setupFiles: ['test/support/seeded.ts'], env, ...options },
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
    // Judgements and vocabulary: every branch is somebody's access. What is left are arms that the types rule out.
    coverage: { provider: 'v8', include: ['src/core/**', 'src/policy/**'], thresholds: { branches: 98.5 } },
  },
});
