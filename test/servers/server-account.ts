import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** A user and a group by number, as `spawn` takes them. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: Account = { uid: 65_534, gid: 65_534 };

/** The account that servers run as if the tests run as root, which PostgreSQL refuses; else `{}`: the tests' own. */
export function serverAccount(): Account | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  return (account ??= accountOf('postgres') ?? NOBODY);
}
let account: Account | null = null;

function accountOf(name: string): Account | null {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/** Gives a file or folder to the account that servers run as. */
export function giveToServers(path: string): void {
  const { uid, gid } = serverAccount();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
