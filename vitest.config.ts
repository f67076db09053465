import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

export default defineConfig({
  define: { SEEKNAL_VERSION: JSON.stringify(version) },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/build.setup.ts'],
    pool: 'forks',
    // Most end-to-end tests start several processes.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
