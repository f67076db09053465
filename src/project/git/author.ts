import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { World } from '../../core/world.ts';

/** The author of a generation: `SEEKNAL_AUTHOR`, otherwise git's user.name, otherwise the system user. */
export async function authorOf(world: World, root: string): Promise<string> {
  const named = world.variables['SEEKNAL_AUTHOR'];
  if (named) return named;
  return (await gitUser(root)) ?? systemUser();
}

async function gitUser(root: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', 'user.name'], { cwd: root, timeout: 2000 });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
