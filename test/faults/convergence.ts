import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/store/store-reader.ts';
import {
  filesShown,
  type Kept,
  keptLater,
  type Outlook,
  outlook,
  problemsOf,
  shownTables,
  type Tables,
} from './observe.ts';
import { runCommand, succeed } from './run-command.ts';
import { copyOf, prepare, type Scenario } from './scenarios.ts';

/** A project right before a command, and its expected state before and after the command. */
export interface Prepared {
  readonly root: string;
  readonly scenario: Scenario;
  readonly before: Outlook;
  readonly after: Outlook;
  readonly kept: Kept;
}

export async function prepareWithOutcome(scenario: Scenario): Promise<Prepared> {
  const root = await prepare(scenario);
  const undisturbed = copyOf(root);
  await succeed(undisturbed, ...scenario.words);
  // Observe a copy, since reading an environment records a use.
  return {
    root,
    scenario,
    before: await outlook(copyOf(root)),
    after: await outlook(undisturbed),
    kept: await keptLater(undisturbed),
  };
}

/** Asserts that shell and files show either the old or the new version; returns the tables of the shell. */
export async function assertOneVersion(root: string, { before, after }: Prepared): Promise<Tables> {
  const production = await shownTables(root);
  const whole = [before.production, after.production].some(version => isEqual(version, production));
  assert.ok(whole, `production shows neither version: ${JSON.stringify(production)}`);
  for (const [file, rows] of Object.entries(await filesShown(root)))
    assert.ok([before.production[file], after.production[file]].includes(rows), `${file} holds ${rows}`);
  return production;
}

/** Asserts that the next command repairs what a dead one left, and changes no data. */
export async function assertRepaired(root: string, production: Tables): Promise<void> {
  const serial = openStore(root).head(null);
  await succeed(root, 'env', 'plan', 'spare');
  assert.equal(openStore(root).head(null), serial);
  assert.deepEqual(await filesShown(root), production);
  assert.deepEqual(problemsOf(root), []);
  assertTidy(root);
}

export function assertTidy(root: string): void {
  assert.deepEqual(readdirSync(join(root, 'target/store/tmp')), []);
  assert.equal(existsSync(join(root, 'target/store/lock')), false);
}

/** Asserts that repeating the command leads to the expected state. If it was already done, it may refuse. */
export async function assertConverges(root: string, { scenario, after, kept }: Prepared): Promise<void> {
  const { words, counts } = scenario;
  const { code, stderr } = await runCommand(root, words);
  assert.ok(code === 0 || ALREADY_DONE.test(stderr), `seeknal ${words.join(' ')} again exited ${code}: ${stderr}`);
  const found = await outlook(root);
  assert.deepEqual(counts === true ? { ...found, serial: after.serial } : found, after);
  assert.deepEqual(await filesShown(root), after.production);
  if (words[0] === 'cleanup') assert.deepEqual(await keptLater(root), kept);
  assertTidy(root);
}

const ALREADY_DONE = /Environment 'dev' not found/;

function isEqual(a: Tables, b: Tables): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => a[key] === b[key]);
}
