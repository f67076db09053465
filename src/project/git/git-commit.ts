import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Project } from '../../core/definition/nodes/node.ts';
import type { DefinitionsCommit } from '../../core/state/generation.ts';
import { PROJECT_FILE } from '../files/project-root.ts';
import type { World } from '../../core/world.ts';

/** How a checkout stands to a commit. `unknown`: beside it, or git cannot tell, as in a shallow clone. */
export type Standing = 'at-or-after' | 'before' | 'unknown';

export interface Checkout {
  readonly world: World;
  readonly root: string;
}

/** The commit that is checked out, and whether the definitions are just those of it; null without git. */
export async function commitOf(
  checkout: Checkout,
  { nodes }: Pick<Project, 'nodes'>,
): Promise<DefinitionsCommit | null> {
  if (!isTracked(checkout.root)) return null;
  // SQL may lie anywhere.
  const files = [...new Set(nodes.flatMap(node => (node.kind === 'source' ? node.file : [node.file, node.sql.file])))];
  const [hash, changes] = await Promise.all([headOf(checkout), changesOf(checkout, files)]);
  if (hash === null) return null;
  const clean = changes !== null && !changes.some(isDefinition) && files.every(file => isOwnFile(checkout.root, file));
  return { hash, clean };
}

/** What a link leads to is in no commit. */
function isOwnFile(root: string, file: string): boolean {
  try {
    return realpathSync(join(root, file)) === join(realpathSync(root), file);
  } catch {
    return false;
  }
}

/** Whether a checkout of `here` holds all that `commit` held. */
export async function standingOf(checkout: Checkout, here: string, commit: string): Promise<Standing> {
  if (here === commit) return 'at-or-after';
  if (!isTracked(checkout.root)) return 'unknown';
  if (await isAncestor(checkout, commit, here)) return 'at-or-after';
  return (await isAncestor(checkout, here, commit)) ? 'before' : 'unknown';
}

/** Spares projects without git a process. */
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

/** Lines of two letters and a path; null where git cannot tell. */
async function changesOf(checkout: Checkout, files: readonly string[]): Promise<readonly string[] | null> {
  const options = ['--porcelain', '-z', '--untracked-files=all', '--ignored=matching'];
  const elsewhere = files.filter(file => !file.startsWith('seeknal/'));
  const text = await git(checkout, ['status', ...options, '--', PROJECT_FILE, 'seeknal', ...elsewhere]);
  return text === null ? null : text.split('\0').filter(line => line !== '');
}

/** Ignored files count, too, if they may hold definitions. */
const isDefinition = (line: string): boolean => !line.startsWith('!! ') || /(\.ya?ml|\.sql|\/)$/i.test(line);

const isAncestor = async (checkout: Checkout, earlier: string, later: string): Promise<boolean> =>
  (await git(checkout, ['merge-base', '--is-ancestor', earlier, later])) !== null;

/** Null where git is missing or refuses. The index is left alone: only looking writes nothing. */
async function git({ world, root }: Checkout, words: readonly string[]): Promise<string | null> {
  // Within a hook, git's variables speak of the repository that the hook belongs to.
  const variables = Object.entries(world.variables).filter(([name]) => !name.startsWith('GIT_'));
  try {
    const options = { cwd: root, env: Object.fromEntries(variables), timeout: 5000, maxBuffer: 64 << 20 };
    return (await promisify(execFile)('git', ['--no-optional-locks', '--literal-pathspecs', ...words], options)).stdout;
  } catch {
    return null;
  }
}
