import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resealed } from '../support/resealed.ts';
import { succeed } from './run-command.ts';

const folders: string[] = [];

/** Takes away every folder that was made here. */
export function removeRoots(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function removeRoot(root: string): void {
  rmSync(root, { recursive: true, force: true });
}

/** Brackets and `=` would be a glob and a partition to whoever does not take paths literally. */
export function temporaryRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-fault-env=a[1]-'));
  folders.push(folder);
  return folder;
}

/** With its hard links, which copying file by file would part. */
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

/** Production of `a → b → c` and `a → gone`, its files on disk edited: `b` changed, `gone` gone, `added` added. */
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
  /** What is stopped or refused, step by step. */
  readonly words: readonly string[];
  /** Commands that come before. */
  readonly before: readonly (readonly string[])[];
  /** What is taken away before it, and has to be mended by it. */
  readonly lost?: readonly string[];
  /** All that the store and its environments know is so many days older. */
  readonly days?: number;
  /** Done twice, it makes two generations of production that are alike. */
  readonly counts?: boolean;
}

const PLAN = ['env', 'plan', 'dev'];
const APPLY = ['env', 'apply', 'dev'];
const PROMOTE = ['env', 'promote', 'dev', '--yes'];

export const SCENARIOS = {
  run: { before: [], words: ['run'] },
  plan: { before: [], words: PLAN },
  mend: {
    before: [PLAN, APPLY],
    words: ['env', 'plan', 'other'],
    lost: ['target/intermediate', 'target/run_state.json'],
  },
  apply: { before: [PLAN], words: APPLY },
  promote: { before: [PLAN, APPLY], words: PROMOTE },
  // The way back is named: without it, a second rollback would take the first one back.
  rollback: { before: [PLAN, APPLY, PROMOTE], words: ['env', 'rollback', '--to', '1', '--yes'], counts: true },
  delete: { before: [PLAN, APPLY], words: ['env', 'delete', 'dev', '--yes'] },
  cleanup: { before: [PLAN, APPLY], words: ['cleanup', '--yes'], days: 8 },
} satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;

/** A project in which everything before a scenario's command was done; made anew at each call. */
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
