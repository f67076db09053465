import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All files below a folder of the project, also through links; paths from the root with `/`, sorted. */
export function filesUnder(root: string, folder: string): readonly string[] {
  return existsSync(join(root, folder)) ? visit(root, folder, []).toSorted() : [];
}

/** Skips links to a parent folder, which would recurse forever. */
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
