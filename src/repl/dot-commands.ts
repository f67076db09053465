import { didYouMean } from '../diagnostics/suggest.ts';
import { alignColumns } from '../views/text/columns.ts';
import type { ReplOutput } from './repl-output.ts';
import type { OpenedRepl, ReplTable } from './repl-session.ts';
import { runStatement } from './run-statement.ts';

const COMMANDS: readonly (readonly [string, string])[] = [
  ['.tables', 'list the tables and the attached databases'],
  ['.schema [NAME]', 'show the columns of a table, or of all'],
  ['.help', 'show this list'],
  ['.quit', 'exit (or press Ctrl-D)'],
];

/** The context of dot commands. */
export interface DotContext {
  readonly opened: OpenedRepl;
  readonly output: ReplOutput;
  readonly signal: AbortSignal;
}

/** Runs a dot command. */
export async function runDotCommand(line: string, context: DotContext): Promise<'done' | 'failed' | 'quit'> {
  const [word = '', ...rest] = line.trim().replace(/;\s*$/, '').split(/\s+/);
  const { output, opened } = context;
  switch (word.toLowerCase()) {
    case '.quit':
    case '.exit':
      return 'quit';
    case '.help':
      await output.out(
        `${alignColumns([...COMMANDS, ['SELECT …;', 'a query, ended by a semicolon']], '  ').join('\n')}\n`,
      );
      return 'done';
    case '.tables':
      await output.out(tableLines(opened.tables, opened.session.attached));
      return 'done';
    case '.schema':
      return showSchema(rest.join(' '), context);
    default:
      return refuse(
        `Unknown command '${word}'. ${
          didYouMean(
            word,
            COMMANDS.map(([name]) => firstWord(name)),
          ) ?? 'Type .help for the list.'
        }`,
        output,
      );
  }
}

const firstWord = (text: string): string => text.split(' ')[0] ?? text;

async function refuse(message: string, output: ReplOutput): Promise<'failed'> {
  await output.err(`${message}\n`);
  return 'failed';
}

function tableLines(tables: readonly ReplTable[], attached: readonly string[]): string {
  const rows = tables.map(table => [table.view, table.alias === null ? '' : `also ${table.alias}`]);
  const databases = attached.map(name => [name, 'attached database (postgresql, read-only)']);
  const lines = alignColumns([...rows, ...databases], '  ');
  return `${[...(tables.length === 0 ? ['No tables.'] : []), ...lines].join('\n')}\n`;
}

async function showSchema(name: string, { opened, output, signal }: DotContext): Promise<'done' | 'failed'> {
  const wanted = name.replace(/^"(.*)"$/, '$1').toLowerCase();
  const tables = wanted === '' ? opened.tables : opened.tables.filter(table => namesOf(table).includes(wanted));
  if (tables.length === 0 && wanted !== '') {
    const hint = didYouMean(
      wanted,
      opened.tables.map(table => table.view),
      'Type .tables for the list.',
    );
    return refuse(`No table '${name}'. ${hint ?? ''}`.trimEnd(), output);
  }
  if (tables.length === 0) return refuse('No tables.', output);
  return (await runStatement(opened.session, schemaQuery(tables), { output, signal })) ? 'done' : 'failed';
}

const namesOf = (table: ReplTable): readonly string[] =>
  [table.view, table.alias ?? '', table.node].filter(name => name !== '').map(name => name.toLowerCase());

function schemaQuery(tables: readonly ReplTable[]): string {
  const views = tables.map(table => `'${table.view.replaceAll("'", "''")}'`).join(', ');
  const table = tables.length === 1 ? '' : 'table_name AS "table", ';
  return `SELECT ${table}column_name AS "column", data_type AS "type" FROM duckdb_columns() WHERE NOT internal AND database_name = current_database() AND table_name IN (${views}) ORDER BY table_name, column_index`;
}
