import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { PROJECT_FILE } from '../../project/files/project-root.ts';
import { writingFiles } from '../../project/files/writing-files.ts';
import type { World } from '../../core/world.ts';

export const TEMPLATES = ['ecommerce', 'empty'] as const;
export type Template = (typeof TEMPLATES)[number];

export interface InitOptions {
  readonly name?: string;
  readonly description?: string;
  /** The folder to create (default: the working directory). */
  readonly path?: string;
  readonly force?: boolean;
  readonly template?: string;
}

export interface InitResult {
  readonly name: string;
  /** As given, relative to the working directory; `.` for the directory itself. */
  readonly path: string;
  readonly template: Template;
  /** Paths from the new root, in order. */
  readonly files: readonly string[];
  /** Existing files that were not changed. */
  readonly kept: readonly string[];
}

/** The folder of the new project, and whether it already has one. */
export function inspectInit(world: World, options: InitOptions): { readonly root: string; readonly exists: boolean } {
  const root = resolve(world.cwd, options.path ?? '.');
  return { root, exists: existsSync(join(root, PROJECT_FILE)) };
}

/** Creates a project that can run immediately. Never overwrites profiles; overwrites other files only with `force`. */
export function initProject(world: World, options: InitOptions): InitResult {
  const { root, exists } = inspectInit(world, options);
  const template = templateOf(options.template ?? 'ecommerce');
  if (exists && options.force !== true) {
    throw new ToolError('project-exists', `${PROJECT_FILE} already exists in ${root}.`, {
      hint: 'Pass --force to overwrite it with the template.',
    });
  }
  const name = options.name ?? (basename(root) || 'project');
  if (name.trim() === '') throw new ToolError('bad-option', '--name must not be empty.');
  const copied = writingFiles(options.path ?? '.', () => copyTemplate({ root, template, name, options }));
  return { name, path: relative(world.cwd, root) || '.', template, ...copied };
}

interface Copying {
  readonly root: string;
  readonly template: Template;
  readonly name: string;
  readonly options: InitOptions;
}

function copyTemplate({ root, template, name, options }: Copying): Pick<InitResult, 'files' | 'kept'> {
  const kept: string[] = [];
  const written: string[] = [];
  for (const file of templateFiles(templateFolder(template))) {
    const target = file === 'gitignore' ? '.gitignore' : file;
    const into = join(root, target);
    const there = existsSync(into);
    if (there && target === '.gitignore') {
      (ensureIgnored(into) ? written : kept).push(target);
      continue;
    }
    if (there && (isCredentials(target) || options.force !== true)) {
      kept.push(target);
      continue;
    }
    mkdirSync(dirname(into), { recursive: true });
    if (target === PROJECT_FILE) writeFileSync(into, projectFile(name, options.description ?? null));
    else cpSync(join(templateFolder(template), file), into);
    written.push(target);
  }
  for (const folder of ['seeknal/sources', 'seeknal/transforms', 'seeknal/common', 'data'])
    mkdirSync(join(root, folder), { recursive: true });
  return { files: written.sort(), kept };
}

function templateOf(text: string): Template {
  const found = TEMPLATES.find(template => template === text);
  if (found) return found;
  throw new ToolError('unknown-template', `Unknown template '${text}'.`, {
    hint: `Choose one of ${TEMPLATES.join(', ')}.`,
  });
}

/** Searches the folders above this file, which is the built program or, in tests, this source. */
function templateFolder(template: Template): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = ['.', '..', '../..', '../../..']
    .map(up => join(here, up, 'examples', template))
    .find(path => existsSync(path));
  if (found) return found;
  throw new ToolError('template-missing', `The files of template '${template}' are missing from this installation.`, {
    hint: 'Reinstall seeknal.',
  });
}

const templateFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(file => !file.startsWith('target/'))
    .sort();

const isCredentials = (file: string): boolean => /^profiles.*\.ya?ml$/.test(file);

/** Adds credentials and outputs to an existing .gitignore; false if it already lists them. */
function ensureIgnored(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  const lines = new Set(text.split(/\r?\n/).map(line => line.trim()));
  const missing = ['target/', 'profiles*.yml', '.env'].filter(line => !lines.has(line));
  if (missing.length === 0) return false;
  writeFileSync(path, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`);
  return true;
}

const projectFile = (name: string, description: string | null): string =>
  [
    `name: ${JSON.stringify(name)}`,
    'version: "1.0.0"',
    `description: ${JSON.stringify(description ?? 'A Seeknal project')}`,
    '# settings: { threads: 4, memory_limit: 4GB, max_workers: 2, environment_ttl: 7d }',
    '',
  ].join('\n');
