import { posix } from 'node:path';
import type { Json } from '../../core/json.ts';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import { quoteName, quoteText } from '../../engine/sql-text.ts';
import type { SourceFile } from './source-files.ts';

export interface PartitionedFiles extends Pick<SourceNode, 'options'> {
  /** The project's root, absolute. */
  readonly root: string;
  readonly files: readonly SourceFile[];
}

/** Columns from folders such as `city=oslo`: as set by `hive_partitioning`, by default if all files have the same ones. */
export function partitionColumns(reading: PartitionedFiles): readonly string[] {
  const given = reading.options['hive_partitioning'];
  if (given === false) return [];
  const [first = [], ...others] = reading.files.map(file => keysOf(foldersWithin(reading.root, file)));
  if (given === true) return [...new Set([...first, ...others.flat()])].sort();
  return others.every(keys => keys.join('/') === first.join('/')) ? first : [];
}

/** Whether DuckDB's reader can provide these columns; not if folders above the project look like partitions. */
export const hasReaderPartitions = ({ root, files }: PartitionedFiles): boolean =>
  files.every(file => keysOf(foldersAbove(root, file)).length === 0);

/** SQL expressions for these columns, based on a column with the file's absolute path. */
export function partitionExpressions(reading: PartitionedFiles, pathColumn: string): readonly string[] {
  return partitionColumns(reading).map(key => {
    const values = reading.files.map(file => valueOf(foldersWithin(reading.root, file), key));
    const paths = reading.files.map(file => quoteText(file.absolute)).join(', ');
    const texts = values.map(value => (value === null ? 'NULL' : quoteText(value))).join(', ');
    const type = declaredType(reading.options, key) ?? typeOf(values);
    return `CAST(map([${paths}], [${texts}])[${quoteName(pathColumn)}] AS ${type}) AS ${quoteName(key)}`;
  });
}

/** The type that DuckDB's reader would choose for these values. */
function typeOf(values: readonly (string | null)[]): string {
  const known = values.filter(value => value !== null);
  if (known.length > 0 && known.every(value => /^-?\d{1,18}$/.test(value))) return 'BIGINT';
  return known.length > 0 && known.every(value => /^\d{4}-\d\d-\d\d$/.test(value)) ? 'DATE' : 'VARCHAR';
}

function declaredType(options: SourceNode['options'], key: string): string | null {
  if (options['hive_types_autocast'] === false) return 'VARCHAR';
  const types: Json | undefined = options['hive_types'];
  if (types === null || typeof types !== 'object') return null;
  const type = Object.entries(types).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
  return typeof type === 'string' ? type : null;
}

const foldersOf = (path: string): readonly string[] => posix.dirname(path.replaceAll('\\', '/')).split('/');

/** The folders of a file within the project, or those of its path as written if it is outside. */
function foldersWithin(root: string, { path, absolute }: SourceFile): readonly string[] {
  const prefix = `${root.replaceAll('\\', '/').replace(/\/$/, '')}/`;
  const whole = absolute.replaceAll('\\', '/');
  return foldersOf(whole.startsWith(prefix) ? whole.slice(prefix.length) : path).filter(folder => folder !== '..');
}

function foldersAbove(root: string, file: SourceFile): readonly string[] {
  const all = foldersOf(file.absolute);
  const within = foldersWithin(root, file).filter(folder => folder !== '.');
  return all.slice(0, all.length - within.length);
}

const KEY = /^([^=]+)=([^=]*)$/;

const keysOf = (folders: readonly string[]): readonly string[] =>
  [...new Set(folders.flatMap(folder => KEY.exec(folder)?.[1] ?? []))].sort();

function valueOf(folders: readonly string[], key: string): string | null {
  const value = folders.map(folder => KEY.exec(folder)).find(match => match?.[1] === key)?.[2];
  return value === undefined || value === '__HIVE_DEFAULT_PARTITION__' ? null : unescaped(value);
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
