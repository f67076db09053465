import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../support/repository.ts';
import { Conversation } from '../support/conversation.ts';
import { type CliOptions, type Outcome, runBinary } from '../support/run-binary.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export interface RunOptions extends CliOptions {
  /** Default: the project's folder. */
  readonly cwd?: string;
}

/** A project in a temporary folder; commands run in this process through the program's entry point. */
export class TestProject {
  readonly root: string;
  readonly home: string;

  constructor(root: string = temporaryFolder()) {
    this.root = root;
    this.home = temporaryFolder();
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  append(path: string, text: string): void {
    appendFileSync(this.path(path), text);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  json(path: string): Record<string, never> & { [key: string]: unknown } {
    return JSON.parse(this.read(path)) as never;
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true, force: true });
  }

  /** Replaces text in a file, which must contain it. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} does not hold: ${from}`);
    this.write(path, text.replace(from, to));
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return runInProcess(args, this.#optionsOf(options));
  }

  /** The same with the built program in a separate process, for behaviour that an in-process run cannot show. */
  spawn(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return runBinary(args, this.#optionsOf(options));
  }

  /** Starts a command as if on a terminal, to answer its questions. */
  talk(...args: readonly string[]): Conversation {
    return new Conversation(args, this.#optionsOf({}));
  }

  #optionsOf(options: RunOptions) {
    return { ...options, cwd: options.cwd ?? this.root, env: { HOME: this.home, ...options.env } };
  }

  /** Runs a command that must succeed and returns what it printed. */
  async ok(...args: string[]): Promise<string> {
    const outcome = await this.run(args);
    if (outcome.code !== 0)
      throw new Error(`seeknal ${args.join(' ')} exited ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
    return outcome.stdout;
  }

  /** Runs a command that must succeed with `--json` and returns the document. */
  async document(...args: string[]): Promise<Document> {
    return JSON.parse(await this.ok(...args, '--json')) as Document;
  }

  /** Rows of a query through the one-shot REPL. */
  async query(sql: string, environment?: string): Promise<readonly Record<string, unknown>[]> {
    const env = environment === undefined ? [] : ['--env', environment];
    return JSON.parse(await this.ok('repl', ...env, '-e', sql, '--format', 'json')) as never;
  }

  /** Hashes of all files under `target/` except the cache, by path. */
  snapshot(folder = 'target'): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    const start = this.path(folder);
    if (!existsSync(start)) return found;
    for (const entry of readdirSync(start, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const shown = path.slice(this.root.length + 1);
      if (shown.startsWith('target/cache') || !entry.isFile()) continue;
      found[shown] =
        `${lstatSync(path).mode.toString(8)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    }
    return found;
  }

  node(document: Document, id: string): DocumentNode {
    const found = document.nodes.find(node => node.id === id);
    if (!found) throw new Error(`${id} is not in the document`);
    return found;
  }
}

export interface DocumentNode {
  readonly id: string;
  readonly [key: string]: unknown;
}

export interface Document {
  readonly nodes: readonly DocumentNode[];
  readonly [key: string]: never | unknown;
}

/** The finished project of the first two chapters: five nodes. */
export function finishedProject(): TestProject {
  const project = new TestProject();
  cpSync(join(REPOSITORY, 'examples', 'ecommerce'), project.root, { recursive: true });
  return project;
}

/** Builds a project once per test file; every call returns a copy. */
export function prepared(make: () => Promise<TestProject>): () => Promise<TestProject> {
  let made: Promise<TestProject> | null = null;
  return async () => {
    made ??= make();
    const project = new TestProject();
    cpSync((await made).root, project.root, { recursive: true, preserveTimestamps: true });
    return project;
  };
}

/** The finished project after its first run. */
export const baselineProject = prepared(async () => {
  const project = finishedProject();
  await project.ok('run');
  return project;
});

export const DAILY = 'seeknal/transforms/daily_revenue.yml';
export const MERGED = 'seeknal/transforms/orders_merged.yml';
export const CLEANED = 'seeknal/transforms/orders_cleaned.yml';
export const ALL = [
  'source.orders_updates',
  'source.raw_orders',
  'transform.daily_revenue',
  'transform.orders_cleaned',
  'transform.orders_merged',
];

/** The chapter's edit: one more column in the daily revenue. */
export function addUniqueCustomers(project: TestProject): void {
  const text = project.read(DAILY);
  project.write(
    DAILY,
    text.replace(/as flagged_orders\n/i, 'as flagged_orders,\n    COUNT(DISTINCT customer_id) as unique_customers\n'),
  );
  if (!project.read(DAILY).includes('unique_customers')) throw new Error('the edit did not take');
}

/** A project of inline nodes: ids to SQL or to CSV text. */
export function inlineProject(nodes: Readonly<Record<string, string>>): TestProject {
  const project = new TestProject();
  project.write('seeknal_project.yml', 'name: inline\n');
  for (const [id, text] of Object.entries(nodes)) addNode(project, id, text);
  return project;
}

/** `source.x` from CSV text, `transform.y` from SQL whose refs become its inputs. */
export function addNode(project: TestProject, id: string, text: string, extra = ''): void {
  const [kind = '', name = ''] = id.split('.');
  if (kind === 'source') {
    project.write(`data/${name}.csv`, text);
    project.write(`seeknal/${name}.yml`, `kind: source\nname: ${name}\nsource: csv\ntable: data/${name}.csv\n${extra}`);
    return;
  }
  const refs = [...new Set([...text.matchAll(/ref\('([^']+)'\)/g)].map(match => match[1]))];
  const inputs = refs.length > 0 ? `inputs:\n${refs.map(ref => `  - ref: ${ref}\n`).join('')}` : '';
  const sql = text
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
  project.write(`seeknal/${name}.yml`, `kind: transform\nname: ${name}\n${extra}${inputs}transform: |\n${sql}\n`);
}
