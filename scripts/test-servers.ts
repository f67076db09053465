// run-ts.mjs scripts/test-servers.ts [--cautious]: brings the servers and extensions that tests need. Prints, as a JSON
// list, what is missing and why. With --cautious it does not try again within an hour of a failure.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_FOLDER } from '../test/servers/cache-folder.ts';
import { prepareServers } from '../test/servers/prepare-servers.ts';

const HOUR_MS = 3_600_000;
const failed = join(CACHE_FOLDER, 'failed');

const bring = !process.argv.includes('--cautious') || !failedLately();
const missing = await prepareServers(bring, line => console.error(line));
if (bring) remember(missing.length > 0);
console.log(JSON.stringify(missing));

function failedLately(): boolean {
  return Date.now() - (statSync(failed, { throwIfNoEntry: false })?.mtimeMs ?? 0) < HOUR_MS;
}

function remember(failure: boolean): void {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  if (failure) writeFileSync(failed, '');
  else rmSync(failed, { force: true });
}
