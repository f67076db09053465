import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All files below a folder of the project, those behind links too; from the root with `/`, in the order of their paths. */
export function filesUnder(root: string, folder: string): readonly string[] {
  return existsSync(join(root, folder)) ? visit(root, folder, []).toSorted() : [];
}

/** A link to a folder that it lies in leads nowhere new. */
function visit(root: string, folder: string, above: readonly string[]): readonly string[] {
  const real = realpathSync(join(root, folder));
  if (above.includes(real)) return [];
  return readdirSync(real, { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() || (entry.isSymbolicLink() && leadsToFolder(join(root, path))))
      return visit(root, path, [...above, real]);
    return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
  });
}

function leadsToFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
