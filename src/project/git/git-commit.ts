import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Project } from '../../core/definition/nodes/node.ts';
import type { DefinitionsCommit } from '../../core/state/generation.ts';
import { PROJECT_FILE } from '../files/project-root.ts';
import type { World } from '../../core/world.ts';

/** How a checkout relates to a commit. `unknown`: they diverged, or git cannot tell, as in a shallow clone. */
export type Standing = 'at-or-after' | 'before' | 'unknown';

export interface Checkout {
  readonly world: World;
  readonly root: string;
}

/** The commit that is checked out, and whether the definitions are identical to it; null without git. */
export async function commitOf(
  checkout: Checkout,
  { nodes }: Pick<Project, 'nodes'>,
): Promise<DefinitionsCommit | null> {
  if (!isTracked(checkout.root)) return null;
  // SQL files may be outside seeknal/.
  const files = [...new Set(nodes.flatMap(node => (node.kind === 'source' ? node.file : [node.file, node.sql.file])))];
  const [hash, changes] = await Promise.all([headOf(checkout), changesOf(checkout, files)]);
  if (hash === null) return null;
  const clean = changes !== null && !changes.some(isDefinition) && files.every(file => isOwnFile(checkout.root, file));
  return { hash, clean };
}

/** The target of a link is not part of the commit. */
function isOwnFile(root: string, file: string): boolean {
  try {
    return realpathSync(join(root, file)) === join(realpathSync(root), file);
  } catch {
    return false;
  }
}

/** How a checkout of `here` relates to `commit`. */
export async function standingOf(checkout: Checkout, here: string, commit: string): Promise<Standing> {
  if (here === commit) return 'at-or-after';
  if (!isTracked(checkout.root)) return 'unknown';
  if (await isAncestor(checkout, commit, here)) return 'at-or-after';
  return (await isAncestor(checkout, here, commit)) ? 'before' : 'unknown';
}

/** Avoids a process in projects without git. */
function isTracked(root: string): boolean {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return true;
    if (dirname(folder) === folder) return false;
  }
}

async function headOf(checkout: Checkout): Promise<string | null> {
  const hash = (await git(checkout, ['rev-parse', '--verify', 'HEAD']))?.trim();
  return hash !== undefined && /^[0-9a-f]{40,64}$/.test(hash) ? hash : null;
}

/** Output of `git status --porcelain`, by line; null if git fails. */
async function changesOf(checkout: Checkout, files: readonly string[]): Promise<readonly string[] | null> {
  const options = ['--porcelain', '-z', '--untracked-files=all', '--ignored=matching'];
  const elsewhere = files.filter(file => !file.startsWith('seeknal/'));
  const text = await git(checkout, ['status', ...options, '--', PROJECT_FILE, 'seeknal', ...elsewhere]);
  return text === null ? null : text.split('\0').filter(line => line !== '');
}

/** Ignored files count if they may hold definitions. */
const isDefinition = (line: string): boolean => !line.startsWith('!! ') || /(\.ya?ml|\.sql|\/)$/i.test(line);

const isAncestor = async (checkout: Checkout, earlier: string, later: string): Promise<boolean> =>
  (await git(checkout, ['merge-base', '--is-ancestor', earlier, later])) !== null;

/** Output of git; null if it is missing or fails. Never updates the index, because reading must not write. */
async function git({ world, root }: Checkout, words: readonly string[]): Promise<string | null> {
  // In a hook, git's variables point to the repository of the hook.
  const variables = Object.entries(world.variables).filter(([name]) => !name.startsWith('GIT_'));
  try {
    const options = { cwd: root, env: Object.fromEntries(variables), timeout: 5000, maxBuffer: 64 << 20 };
    return (await promisify(execFile)('git', ['--no-optional-locks', '--literal-pathspecs', ...words], options)).stdout;
  } catch {
    return null;
  }
}
