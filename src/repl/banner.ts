import { plural } from '../views/text/columns.ts';
import { shortTime } from '../views/text/short-time.ts';
import type { OpenedRepl } from './repl-session.ts';

/** The first lines of a REPL, with a blank line after them. */
export function renderBanner(opened: Omit<OpenedRepl, 'session'>): string {
  const { projectName, environment, tables, lastRun, basedOn, attached } = opened;
  const project =
    projectName === null ? [] : [`Project: ${projectName}${environment === null ? '' : ` [env: ${environment}]`}`];
  const outputs = projectName === null ? [] : [`  Intermediate outputs: ${plural(tables.length, 'table')} registered`];
  const last = lastRun === null ? [] : [`  ${plural(tables.length, 'node')}, last run: ${shortTime(lastRun)}`];
  const base =
    basedOn === null ? [] : [`  Environment: based on ${basedOn.serial}, production is at ${basedOn.production}`];
  const servers = attached.length === 0 ? [] : [`  Attached: ${attached.join(', ')} (postgresql, read-only)`];
  const lines = [...project, ...outputs, ...last, ...base, ...servers];
  return ['Seeknal SQL REPL (DuckDB + StarRocks)', ...lines, '', ''].join('\n');
}

/** The prompts of a REPL. */
export interface Prompts {
  readonly first: string;
  /** As wide as `first`, for the following lines of a statement. */
  readonly next: string;
}

/** The prompts for an environment; null for production. */
export function promptsOf(environment: string | null): Prompts {
  const first = environment === null ? 'seeknal> ' : `seeknal[${environment}]> `;
  return { first, next: '...> '.padStart(first.length) };
}
