import { MapReader } from '../../yaml/map-reader.ts';
import type { Column, DeclaredColumn } from '../node.ts';
import { type MapEntry, type Span, type Tree, treeToJson } from '../../yaml/yaml-tree.ts';

/** `columns:` as texts or `{ description, dtype }`; null if nothing is declared. */
export function readDeclaredColumns(reader: MapReader): readonly DeclaredColumn[] | null {
  const map = reader.mapping('columns');
  if (!map) return null;
  const columns: DeclaredColumn[] = [];
  for (const entry of map.entries) {
    if (refusesRepeated(reader, columns, entry.key, entry.keySpan)) continue;
    columns.push(readDeclared(reader, entry));
  }
  return columns;
}

function readDeclared(reader: MapReader, { key, keySpan, value }: MapEntry): DeclaredColumn {
  const at = keySpan?.at ?? null;
  if (value.kind === 'scalar')
    return { name: key, description: value.value === null ? null : String(value.value), dtype: null, at };
  if (value.kind === 'list') {
    reader.refuseValue(key, value, 'a text or `{ description, dtype }`', `Write \`${key}: what it holds\`.`);
    return { name: key, description: null, dtype: null, at };
  }
  const fields = new MapReader(value, reader.mistakes, `column '${key}'`);
  fields.refuseOtherKeys(['description', 'dtype']);
  return { name: key, description: fields.label('description'), dtype: fields.text('dtype'), at };
}

/** `schema:` as names and types; null if it is absent. */
export function readSchema(reader: MapReader): readonly Column[] | null {
  const list = reader.list('schema');
  if (!list) return null;
  if (list.items.length === 0)
    reader.add('empty-value', "'schema' is empty.", list.span, 'Remove it to detect the columns from the file.');
  const columns: Column[] = [];
  for (const item of list.items) {
    const column = readSchemaColumn(reader, item);
    if (column && !refusesRepeated(reader, columns, column.name, item.span)) columns.push(column);
  }
  return columns.length > 0 ? columns : null;
}

function readSchemaColumn(reader: MapReader, item: Tree): Column | null {
  const hint = 'Write `- { name: order_id, data_type: VARCHAR }`.';
  if (item.kind !== 'map') {
    reader.add('wrong-type', `${JSON.stringify(treeToJson(item))} is not a schema column.`, item.span, hint);
    return null;
  }
  const fields = new MapReader(item, reader.mistakes, 'a column of the schema');
  fields.refuseOtherKeys(['name', 'data_type']);
  const [name, type] = [fields.requiredText('name', hint), fields.requiredText('data_type', hint)];
  if (name === null || type === null) return null;
  if (isTypeText(type)) return { name, type };
  reader.add('bad-type', `'${type}' is not a type.`, fields.value('data_type')?.span ?? null, hint);
  return null;
}

/** Checks that a type is safe to write into SQL; DuckDB checks later whether the type exists. */
export function isTypeText(text: string): boolean {
  const bare = text.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, 'x');
  if (!/^[A-Za-z_][\w\s(),[\]]*$/.test(bare)) return false;
  let depth = 0;
  for (const char of bare) {
    if (char === '(' || char === '[') depth += 1;
    if (char === ')' || char === ']') depth -= 1;
    if (depth < 0 || (char === ',' && depth === 0)) return false;
  }
  return depth === 0;
}

function refusesRepeated(
  reader: MapReader,
  known: readonly { readonly name: string }[],
  name: string,
  span: Span | null,
): boolean {
  const before = known.find(column => column.name.toLowerCase() === name.toLowerCase());
  if (!before) return false;
  const same = before.name === name ? '' : `, as '${before.name}' and '${name}': names ignore case`;
  reader.add('duplicate-column', `Column '${name}' is listed twice${same}.`, span, 'Remove one of them.');
  return true;
}
