/** The parts of a table's name on a server, outermost first; null if the text is not a name. `"a ""b"".c".d` is allowed. */
export function tableNameParts(text: string): readonly string[] | null {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const part = /^(?:"((?:[^"\u0000]|"")+)"|([\p{L}_][\p{L}\p{N}_$-]*))/u.exec(rest);
    if (!part) return null;
    parts.push(part[1]?.replaceAll('""', '"') ?? part[2] ?? '');
    rest = rest.slice(part[0].length);
    if (rest === '') return parts;
    if (!rest.startsWith('.')) return null;
    rest = rest.slice(1);
  }
}

/** How to write the name of a table on a server. */
export const TABLE_FORM =
  'Write `table: schema.table`; a name with special characters needs double quotes: `sales."Total Revenue"`.';

/** Why a text does not name a table of PostgreSQL; null if it does. */
export function tableMistake(table: string): string | null {
  const parts = tableNameParts(table);
  if (parts === null) return `'${table}' is not a valid table name.`;
  return parts.length <= 2 ? null : `'${table}' has ${parts.length} parts; a table is named as schema.table.`;
}

/** A table's name as a person reads it: parts are quoted only where they must be. */
export const shownTableName = (parts: readonly string[]): string =>
  parts.map(part => (/^[\p{L}_][\p{L}\p{N}_$-]*$/u.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.');
