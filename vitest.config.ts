import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';
import { extensionFolder } from './test/servers/extensions.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

export default defineConfig({
  define: { SEEKNAL_VERSION: JSON.stringify(version) },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/build.setup.ts'],
    env: { SEEKNAL_EXTENSIONS: extensionFolder() },
    pool: 'forks',
    // Each worker holds a DuckDB of its own: more than a few would rather compete for memory than save time.
    maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
    sequence: { sequencer: LongestFirst },
    // A slow machine must not fail: tests wait for conditions, and this only ends those that hang.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
