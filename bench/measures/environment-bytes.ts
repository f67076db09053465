import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateNodes, writeProject } from '../generated-project.ts';
import { type Measure, megabytes } from '../measure.ts';
import { seeknal } from '../processes.ts';

const COUNT = 1000;
const QUICK_COUNT = 100;
const ALLOWED = 1e6;

/** Disk space of an environment in which one node without consumers changed. */
export const environmentBytes: Measure = {
  name: 'environment-bytes',
  async run(bench) {
    const count = bench.quick ? QUICK_COUNT : COUNT;
    const project = bench.folder();
    writeProject(project, generateNodes(count));
    await seeknal(project, 'run');
    const before = bytesBelow(join(project, 'target'));
    writeProject(project, generateNodes(count, { changed: 1 }));
    await seeknal(project, 'env', 'plan', 'dev');
    await seeknal(project, 'env', 'apply', 'dev');
    const added = bytesBelow(join(project, 'target')) - before;
    const leaf = bytesBelow(join(project, 'target', 'environments', 'dev', 'intermediate'));
    return [
      {
        what: `disk space of an environment, 1 of ${count} nodes changed`,
        measured: `${megabytes(leaf)} of data + ${megabytes(added - leaf)}`,
        against: `${megabytes(before)} of production`,
        goal: `data + ${megabytes(ALLOWED)}`,
        met: added - leaf <= ALLOWED,
      },
    ];
  },
};

/** Counts each file once, even if it has several links. Excludes the cache, which any command may shrink. */
function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const kept = entries.filter(entry => entry.isFile() && !entry.parentPath.startsWith(join(folder, 'cache')));
  const files = kept.map(entry => lstatSync(join(entry.parentPath, entry.name)));
  const sizes = new Map(files.map(file => [file.ino, file.size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
