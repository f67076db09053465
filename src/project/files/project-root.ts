import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export const PROJECT_FILE = 'seeknal_project.yml';

/** The absolute project root: `--project-path`, or the nearest parent of the working directory. Throws `no-project`. */
export function findProjectRoot(world: World, options: CommonOptions): string {
  const found = lookForProjectRoot(world, options);
  if (found) return found;
  throw new ToolError('no-project', `No ${PROJECT_FILE} found in this folder or its parents.`, {
    hint: "Run 'seeknal init' to create a project, or pass --project-path.",
  });
}

/** The same, but null outside a project. Still throws if `--project-path` is not a project. */
export function lookForProjectRoot(world: Pick<World, 'cwd'>, options: CommonOptions): string | null {
  if (options.projectPath !== undefined) return namedRoot(resolve(world.cwd, options.projectPath));
  for (let folder = resolve(world.cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

function namedRoot(path: string): string {
  const folder = existsSync(path) && statSync(path).isFile() ? dirname(path) : path;
  if (existsSync(join(folder, PROJECT_FILE))) return folder;
  throw new ToolError('no-project', `No ${PROJECT_FILE} found in ${path}.`, { hint: 'Check --project-path.' });
}
