import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseProject } from '../core/definition/parse-project.ts';
import type { Project, ProjectFile, ProjectSettings } from '../core/definition/nodes/node.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { filesUnder } from './files/files-under.ts';
import { PROJECT_FILE } from './files/project-root.ts';
import { readListedFile, readTextFile } from './files/read-text-file.ts';

const NODE_FOLDER = 'seeknal';
const COMMON_FOLDER = 'seeknal/common';

/** A parsed project, before its parameters are filled in. */
export interface LoadedProject {
  readonly project: Project;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and parses all files of the project; returns mistakes as values. */
export function loadProject(root: string): LoadedProject {
  const files = yamlFiles(root, NODE_FOLDER);
  const common = files.filter(path => path.startsWith(`${COMMON_FOLDER}/`));
  return parseProject({
    project: readProjectFile(root, PROJECT_FILE),
    nodes: files.filter(path => !common.includes(path)).map(path => readExisting(root, path)),
    common: common.map(path => readExisting(root, path)),
    readText: path => readProjectFile(root, path),
  });
}

/** Hash of the project file and of everything under `seeknal/`, by path and text. */
export function projectDigest(root: string): string {
  const hash = createHash('sha256');
  for (const path of [PROJECT_FILE, ...filesUnder(root, NODE_FOLDER)]) {
    const file = join(root, path);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true)
      hash.update(`${path}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Whether `projectDigest` covers all files: SQL files may be outside `seeknal/`. */
export const liesInOneFolder = ({ nodes }: Project): boolean =>
  nodes.every(node => node.kind === 'source' || node.sql.file.startsWith(`${NODE_FOLDER}/`));

/** Settings of `seeknal_project.yml`; reads no nodes. */
export function loadSettings(root: string): ProjectSettings {
  const project = readProjectFile(root, PROJECT_FILE);
  return parseProject({ project, nodes: [], common: [], readText: () => null }).project.settings;
}

/** The project and its warnings. Throws all mistakes at once. */
export function loadValidProject(root: string): { project: Project; warnings: readonly Diagnostic[] } {
  const { project, diagnostics } = loadProject(root);
  assertValid(diagnostics);
  return { project, warnings: diagnostics };
}

/** Throws `invalid-project` with all diagnostics if one of them is an error. */
export function assertValid(diagnostics: readonly Diagnostic[]): void {
  if (!hasErrors(diagnostics)) return;
  const count = diagnostics.filter(entry => entry.severity === 'error').length;
  throw new ToolError('invalid-project', `The project has ${count} ${count === 1 ? 'mistake' : 'mistakes'}.`, {
    diagnostics: [...diagnostics].sort(byPlace),
  });
}

const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  compare(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Reads one file of the project; null if it does not exist. */
export const readProjectFile = (root: string, path: string): ProjectFile | null => readTextFile(join(root, path), path);

const readExisting = (root: string, path: string): ProjectFile => readListedFile(join(root, path), path);

const yamlFiles = (root: string, folder: string): readonly string[] =>
  filesUnder(root, folder).filter(path => /\.ya?ml$/i.test(path));
