import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resealed } from '../support/resealed.ts';
import { succeed } from './run-command.ts';

const folders: string[] = [];

/** Removes every folder that was created here. */
export function removeRoots(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function removeRoot(root: string): void {
  rmSync(root, { recursive: true, force: true });
}

/** Code that does not treat paths literally would read `[1]` as a glob and `env=a` as a partition. */
export function temporaryRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-fault-env=a[1]-'));
  folders.push(folder);
  return folder;
}

/** Copies a project and keeps its hard links. */
export function copyOf(root: string): string {
  const copy = temporaryRoot();
  execFileSync('cp', ['-a', `${root}/.`, copy]);
  return copy;
}

export function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A transform over the inputs that its query names. */
export function writeTransform(root: string, name: string, sql: string): void {
  const refs = [...sql.matchAll(/ref\('([^']+)'\)/g)].map(match => `  - ref: ${match[1]}\n`);
  write(
    root,
    `seeknal/${name}.yml`,
    `kind: transform\nname: ${name}\ninputs:\n${refs.join('')}transform: |\n  ${sql}\n`,
  );
}

/** A project with production `a → b → c` and `a → gone`; on disk, `b` is changed, `gone` removed and `added` new. */
async function edited(): Promise<string> {
  const root = temporaryRoot();
  write(root, 'seeknal_project.yml', 'name: faults\nsettings: { threads: 1 }\n');
  write(root, 'data/a.csv', 'id,v\n1,10\n2,20\n');
  write(root, 'seeknal/a.yml', 'kind: source\nname: a\nsource: csv\ntable: data/a.csv\n');
  writeTransform(root, 'b', "SELECT id, v * 2 AS w FROM ref('source.a')");
  writeTransform(root, 'c', "SELECT sum(w) AS total FROM ref('transform.b')");
  writeTransform(root, 'gone', "SELECT count(*) AS n FROM ref('source.a')");
  await succeed(root, 'run');
  writeTransform(root, 'b', "SELECT id, v * 3 AS w FROM ref('source.a')");
  writeTransform(root, 'added', "SELECT max(w) AS most FROM ref('transform.b')");
  rmSync(join(root, 'seeknal/gone.yml'));
  return root;
}

export interface Scenario {
  /** The command that is killed or refused at each operation. */
  readonly words: readonly string[];
  /** Commands that come before. */
  readonly before: readonly (readonly string[])[];
  /** Paths that are removed before it, and that it has to restore. */
  readonly lost?: readonly string[];
  /** Moves all times in the store and its environments back by so many days. */
  readonly days?: number;
  /** Whether repeating it makes another, equal generation of production. */
  readonly counts?: boolean;
}

const PLAN = ['env', 'plan', 'dev'];
const APPLY = ['env', 'apply', 'dev'];
const PROMOTE = ['env', 'promote', 'dev', '--yes'];

export const SCENARIOS = {
  run: { before: [], words: ['run'] },
  plan: { before: [], words: PLAN },
  repair: {
    before: [PLAN, APPLY],
    words: ['env', 'plan', 'other'],
    lost: ['target/intermediate', 'target/run_state.json'],
  },
  apply: { before: [PLAN], words: APPLY },
  promote: { before: [PLAN, APPLY], words: PROMOTE },
  // `--to` makes it repeatable: without it, a second rollback would undo the first.
  rollback: { before: [PLAN, APPLY, PROMOTE], words: ['env', 'rollback', '--to', '1', '--yes'], counts: true },
  delete: { before: [PLAN, APPLY], words: ['env', 'delete', 'dev', '--yes'] },
  cleanup: { before: [PLAN, APPLY], words: ['cleanup', '--yes'], days: 8 },
} satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;

/** Creates a project in the state right before a scenario's command. */
export async function prepare(scenario: Scenario): Promise<string> {
  const root = await edited();
  for (const words of scenario.before) await succeed(root, ...words);
  for (const path of scenario.lost ?? []) rmSync(join(root, path), { recursive: true });
  age(root, scenario.days ?? 0);
  return root;
}

const DAY_MS = 24 * 60 * 60 * 1000;

function age(root: string, days: number): void {
  const older = (text: string): string =>
    text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, time => new Date(Date.parse(time) - days * DAY_MS).toISOString());
  const folder = join(root, 'target');
  for (const path of days === 0 ? [] : readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/(ledger\.jsonl|generations\/.*\.json|env_config\.json|run_state\.json|manifest\.json)$/.test(path)) continue;
    writeFileSync(join(folder, path), resealed(older(readFileSync(join(folder, path), 'utf8'))));
  }
}
