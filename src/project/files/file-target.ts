import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isEnvironmentName } from '../../core/environment/environment-name.ts';
import type { ProjectFile, ProjectNode } from '../../core/definition/nodes/node.ts';
import { parseNodeFile } from '../../core/definition/nodes/reading/parse-node-file.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { openStore } from '../../store/store-reader.ts';
import { environmentHint } from '../environment-hint.ts';
import { loadProject, readProjectFile } from '../load-project.ts';
import { readTextFile } from './read-text-file.ts';
import type { World } from '../../core/world.ts';

/** A node's file, anywhere, as the user named it. */
export interface NamedFile extends ProjectFile {
  readonly absolute: string;
  /** From the working directory, for messages. */
  readonly shown: string;
}

/** Reads a file relative to the working directory or, if it does not exist there, to the project root. Throws `file-not-found`. */
export function readNamedFile(
  world: World,
  { file, root }: { readonly file: string; readonly root: string },
): NamedFile {
  const here = resolve(world.cwd, file);
  const absolute = existsSync(here) ? here : resolve(root, file);
  const shown = relative(world.cwd, absolute) || file;
  const read = readTextFile(absolute, shown.replaceAll('\\', '/'));
  if (read === null)
    throw new ToolError('file-not-found', `File not found: ${file}`, { hint: missingFileHint(root, file) });
  return { ...read, absolute, shown };
}

/** Hint for a missing file, whose name may be that of an environment or a node. */
function missingFileHint(root: string, name: string): string {
  const environment = environmentHint(name, {
    environments: () => openStore(root).environmentNames(),
    command: known => `env apply ${known}`,
  });
  if (environment !== null) return environment;
  const node = loadProject(root).project.nodes.find(each => each.id === name || each.name === name);
  if (node) return `The file of ${node.id} is ${node.file}.`;
  const lookedUp = 'A relative path is looked up from the working directory, then from the project root.';
  return isEnvironmentName(name) ? `${lookedUp} To apply an environment, run 'seeknal env apply ${name}'.` : lookedUp;
}

/** Parses the node in a file; diagnostics show the path as the user named it. */
export function parseNamedFile(
  root: string,
  file: NamedFile,
): { readonly node: ProjectNode | null; readonly diagnostics: readonly Diagnostic[] } {
  return parseNodeFile(file, sqlPath => readProjectFile(root, sqlPath));
}

/** Where `apply` puts a node: where it is, if that is under `seeknal/`. From the root, with `/`. */
export function placeOf(root: string, file: NamedFile, node: ProjectNode): string {
  const inside = relative(realpathSync(root), realpathSync(file.absolute)).replaceAll(sep, '/');
  if (!inside.startsWith('..') && !isAbsolute(inside) && inside.startsWith('seeknal/')) return inside;
  return `seeknal/${node.kind}s/${fileNameOf(node.name)}.yml`;
}

/** Escapes characters of node names that file systems do not allow. */
const fileNameOf = (name: string): string =>
  name.replace(/[*?<>:|"%\u0000-\u001f]|^\.+/g, char => encodeURIComponent(char).replace('*', '%2A'));

/** Absolute path of a path from the project root with `/`. */
export const pathIn = (root: string, path: string): string => join(root, ...path.split('/'));
