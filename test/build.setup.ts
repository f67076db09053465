import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Smoke tests run the built program: it must be that of the sources, or none. `npm test` has just built it. */
export function setup(): void {
  if (process.env['SEEKNAL_BUILT'] === '1') return;
  try {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(`${root}/dist`, { recursive: true, force: true });
    console.error(`The build failed, so that tests which need the binary fail as well.\n${String(error)}`);
  }
}
