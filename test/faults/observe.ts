import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openRepl } from '../../src/app/environments/open-repl.ts';
import { parseEnvironmentName } from '../../src/core/environment/environment-name.ts';
import { type Connection, Database } from '../../src/engine/duckdb.ts';
import { placeOfFile, scan } from '../../src/engine/scan.ts';
import { quoteText } from '../../src/engine/sql-text.ts';
import { inspectHistory } from '../../src/store/doctor/inspect-history.ts';
import { inspectLeftovers, orphans } from '../../src/store/doctor/inspect-leftovers.ts';
import { inspectViews } from '../../src/store/doctor/inspect-views.ts';
import type { Problem } from '../../src/store/doctor/problem.ts';
import { StorePaths } from '../../src/store/paths.ts';
import { listedArtefacts } from '../../src/store/artefacts/listed-artefacts.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { runInProcess } from '../support/run-in-process.ts';

/** Rows by view, as text that does not depend on their order. */
export type Tables = Readonly<Record<string, string>>;

/** The tables that the SQL shell shows of an environment, read in one query. */
export async function shownTables(root: string, environment?: string): Promise<Tables> {
  const opened = await openRepl(worldOf(root), environment === undefined ? {} : { environment });
  try {
    if (opened.warnings.some(text => text.includes('cannot be opened'))) throw new Error(opened.warnings.join('; '));
    const parts = opened.tables.map(({ view }) => rowsOf(view, view));
    if (parts.length === 0) return {};
    const found: Record<string, string> = {};
    for await (const result of opened.session.statements(parts.join(' UNION ALL '), worldOf(root).signal))
      for await (const chunk of result.chunks) for (const [view, rows] of chunk) found[String(view)] = String(rows);
    return found;
  } finally {
    opened.session.close();
  }
}

const worldOf = (root: string) => ({
  cwd: root,
  home: `${root}/no-home`,
  variables: {},
  now: () => new Date(),
  signal: new AbortController().signal,
  emit: () => {},
});

const rowsOf = (name: string, from: string): string =>
  `SELECT ${quoteText(name)} AS name, (SELECT CAST(list(t ORDER BY t) AS VARCHAR) FROM ${from} AS t) AS rows`;

/** The content of an environment's files, each read completely; throws for an incomplete one. */
export async function filesShown(root: string, environment?: string): Promise<Tables> {
  const folder = join(root, 'target', ...(environment === undefined ? [] : ['environments', environment]));
  const path = join(folder, 'intermediate');
  const files = existsSync(path) ? readdirSync(path) : [];
  if (files.length === 0) return {};
  reader ??= Database.open({ threads: '1' }).then(database => database.connect());
  const parts = files.map(file => rowsOf(file.replace(/\.parquet$/, ''), scan(placeOfFile(join(path, file)))));
  const rows = await (await reader).rows(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(([name, text]) => [String(name), String(text)]));
}

/** Shared, because opening a database takes longer than reading the files. */
let reader: Promise<Connection> | null = null;

/** The visible state of a project's environments, without times and random names. */
export interface Outlook {
  readonly production: Tables;
  readonly serial: number | null;
  readonly dev: Tables | null;
  readonly status: string | null;
}

const DEV = parseEnvironmentName('dev');

export async function outlook(root: string): Promise<Outlook> {
  const store = openStore(root);
  const exists = store.environmentNames().includes(DEV);
  return {
    production: await shownTables(root),
    serial: store.head(null),
    dev: exists ? await shownTables(root, DEV) : null,
    status: store.environmentConfig(DEV)?.status ?? null,
  };
}

/** All problems that the doctor finds, except unrecorded outputs, which the next collection removes. */
export function problemsOf(root: string): readonly Problem[] {
  const [store, paths] = [openStore(root), new StorePaths(root)];
  const { problems, artefacts } = inspectHistory(store, paths);
  const unrecorded = orphans(store, paths, new Set(artefacts.map(artefact => artefact.id)));
  const known = new Set([...unrecorded, ...artefacts.map(artefact => artefact.id)]);
  return [...problems, ...inspectViews(store, paths), ...inspectLeftovers(store, paths, known)];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a collection two days from now keeps; by then it removes unrecorded outputs. */
export async function keptLater(root: string): Promise<Kept> {
  const later = new Date(Date.now() + 2 * DAY_MS);
  const { code, stderr } = await runInProcess(['cleanup', '--yes'], { cwd: root, now: () => later });
  if (code !== 0) throw new Error(stderr);
  const store = openStore(root);
  const recorded = store.ledgerRecords().flatMap(record => (record.t === 'artefact' ? [record.node] : []));
  return {
    serials: store.serials(null),
    files: listedArtefacts(new StorePaths(root)).length,
    recorded: recorded.sort(),
  };
}

/** Production's serials, the number of artefact files, and the nodes of recorded artefacts. */
export interface Kept {
  readonly serials: readonly number[];
  readonly files: number;
  readonly recorded: readonly string[];
}
