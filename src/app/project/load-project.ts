import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseProject } from '../../core/project/parse-project.ts';
import type { Project, ProjectFile, ProjectSettings } from '../../core/project/node.ts';
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { PROJECT_FILE } from './project-root.ts';
import { readListedFile, readTextFile } from './read-text-file.ts';

const NODE_FOLDER = 'seeknal';
const COMMON_FOLDER = 'seeknal/common';

/** Reads every file of the project once and parses them together; the mistakes come back as values. */
export function loadProject(root: string): { project: Project; diagnostics: readonly Diagnostic[] } {
  const files = yamlFiles(root, NODE_FOLDER);
  const common = files.filter(path => path.startsWith(`${COMMON_FOLDER}/`));
  return parseProject({
    project: readProjectFile(root, PROJECT_FILE),
    nodes: files.filter(path => !common.includes(path)).map(path => readExisting(root, path)),
    common: common.map(path => readExisting(root, path)),
    readText: path => readProjectFile(root, path),
  });
}

/** A hash of every file that says what the project is, by path and text: equal where nothing was edited. */
export function projectDigest(root: string): string {
  const folder = join(root, NODE_FOLDER);
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const paths = entries.map(entry => join(entry.parentPath, entry.name)).sort();
  const hash = createHash('sha256');
  for (const path of [join(root, PROJECT_FILE), ...paths]) {
    // Links are followed: what they lead to is read as a part of the project.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      hash
        .update(`${path.slice(root.length)}\0`)
        .update(readFileSync(path))
        .update('\0');
  }
  return hash.digest('hex');
}

/** What `seeknal_project.yml` sets, without a look at any node. */
export function loadSettings(root: string): ProjectSettings {
  const project = readProjectFile(root, PROJECT_FILE);
  return parseProject({ project, nodes: [], common: [], readText: () => null }).project.settings;
}

/** The project, or a refusal with every mistake in it; warnings are handed on. */
export function loadValidProject(root: string): { project: Project; warnings: readonly Diagnostic[] } {
  const { project, diagnostics } = loadProject(root);
  assertValid(diagnostics);
  return { project, warnings: diagnostics };
}

/** Throws the refusal that lists all mistakes, where there is one at least. */
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

/** One file of the project as text; null where there is none. */
export const readProjectFile = (root: string, path: string): ProjectFile | null => readTextFile(join(root, path), path);

const readExisting = (root: string, path: string): ProjectFile => readListedFile(join(root, path), path);

/** In the order of their paths, so that messages come in the same order everywhere. */
function yamlFiles(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && /\.ya?ml$/i.test(entry.name))
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
