import type { QueryDatabase, Tables } from './database.ts';

const WORDS = "['ok', 'x', 'y', 'a', 'b', 'q', 'ID', 'q1', '{\"a\": 1}', '2']";

/** SQL for a value of a type from the row number `i` and a seed: few distinct values, a sixth NULL with odd seeds. */
function valueOf(type: string, seed: number): string {
  const dice = `hash(i * 1000 + ${seed})`;
  if (seed % 2 === 0) return someValue(type, `(${dice} // 7)`, seed);
  return `CASE WHEN ${dice} % 6 = 0 THEN NULL ELSE ${someValue(type, `(${dice} // 7)`, seed)} END`;
}

function someValue(type: string, dice: string, seed: number): string {
  const struct = /^STRUCT\((.*)\)$/.exec(type)?.[1];
  if (type.endsWith('[]'))
    return `[${valueOf(type.slice(0, -2), seed + 70)}, ${valueOf(type.slice(0, -2), seed + 72)}][1:(${dice} % 3)::INTEGER]`;
  if (struct !== undefined)
    return `{${fieldsOf(struct)
      .map(([name, of], index) => `'${name}': ${valueOf(of, seed + 80 + 2 * index)}`)
      .join(', ')}}`;
  if (type.startsWith('MAP')) return `MAP {'k': ${valueOf('VARCHAR', seed + 90)}, 'l': 'x'}`;
  if (type === 'VARCHAR') return `${WORDS}[(${dice} % 10)::INTEGER + 1]`;
  if (type === 'JSON') return `'{"a": {"b": ' || (${dice} % 3) || '}, "x": ' || (${dice} % 2) || '}'`;
  if (type === 'TIMESTAMP') return `TIMESTAMP '2024-02-01' + to_hours((${dice} % 60)::INTEGER)`;
  if (type === 'TIMESTAMPTZ') return `(TIMESTAMP '2024-02-01' + to_hours((${dice} % 60)::INTEGER))::TIMESTAMPTZ`;
  if (type === 'INTERVAL') return `[INTERVAL 1 MONTH, INTERVAL 30 DAY, INTERVAL 1 DAY][(${dice} % 3)::INTEGER + 1]`;
  if (type === 'BOOLEAN') return `(${dice} % 2 = 0)`;
  if (type === 'DATE') return `DATE '2024-02-01' + (${dice} % 5)::INTEGER`;
  if (type.startsWith('DECIMAL')) return `(${dice} % 9)::INTEGER * 2.5`;
  if (type === 'DOUBLE') return `(${dice} % 9)::INTEGER * 2.5`;
  return `(${dice} % 6)::INTEGER`;
}

/** Splits `a INTEGER, b STRUCT(c DOUBLE, d DOUBLE)` at its outermost commas. */
function fieldsOf(text: string): readonly (readonly [string, string])[] {
  const fields: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) fields.push('');
    else fields[fields.length - 1] += character;
  }
  return fields.map(field => {
    const [name = '', ...type] = field.trim().split(' ');
    return [name, type.join(' ')] as const;
  });
}

/** Fills the tables with new rows, with duplicates, NULLs and values that match across tables. */
export async function fillTables(database: QueryDatabase, tables: Tables, seed: number, rows = 24): Promise<void> {
  let salt = seed * 10_001;
  for (const [table, columns] of Object.entries(tables)) {
    const cells = Object.values(columns).map(type => `(${valueOf(type, (salt += 100))})::${type}`);
    await database.run(
      `DELETE FROM source."${table}"; INSERT INTO source."${table}" SELECT ${cells.join(', ')} FROM range(${rows}) t(i)`,
    );
  }
}
