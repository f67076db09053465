import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the program for smoke tests unless `npm test` just built it. After a failed build it removes the old one. */
export function setup(): void {
  if (process.env['SEEKNAL_BUILT'] === '1') return;
  try {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(`${root}/dist`, { recursive: true, force: true });
    console.error(`The build failed, so tests that need the binary will fail.\n${String(error)}`);
  }
}
