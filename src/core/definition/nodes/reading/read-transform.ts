import { posix } from 'node:path';
import type { MapReader } from '../../yaml/map-reader.ts';
import type { ProjectFile, SqlText } from '../node.ts';
import { linePlaces } from '../../yaml/text-places.ts';
import type { ScalarTree, Span } from '../../yaml/yaml-tree.ts';

/** Reads a file of the project by its path from the root; null if it does not exist. */
export type ReadText = (path: string) => ProjectFile | null;

/** The SQL of a transform, from `transform` or the file that `transform_file` names; null if there is none. */
export function readTransformSql(reader: MapReader, readText: ReadText): SqlText | null {
  const [text, file] = [reader.value('transform'), reader.value('transform_file')];
  if (text && file) {
    reader.add(
      'conflicting-keys',
      "'transform' and 'transform_file' cannot be combined.",
      reader.keySpan('transform_file'),
      'Remove one of them.',
    );
    return null;
  }
  return file ? readSqlFile(reader, file.span, readText) : readInlineSql(reader);
}

function readInlineSql(reader: MapReader): SqlText | null {
  const text = reader.requiredText(
    'transform',
    'Put the SQL under `transform: |`, or name a file with `transform_file: path.sql`.',
  );
  if (text === null) return null;
  const { path, text: fileText } = reader.mistakes.file;
  // requiredText has checked that the value is a text.
  return { text, file: path, places: (reader.value('transform') as ScalarTree).places, fileText };
}

function readSqlFile(reader: MapReader, span: Span | null, readText: ReadText): SqlText | null {
  const written = reader.requiredText(
    'transform_file',
    'Write a path from the project root, such as `seeknal/sql/orders.sql`.',
  );
  if (written === null) return null;
  const path = insidePath(written);
  if (path === null) {
    reader.add('bad-path', `'${written}' is outside the project.`, span, 'Paths start at the project root.');
    return null;
  }
  const file = readText(path);
  if (file === null) {
    reader.add(
      'file-not-found',
      `File ${path} does not exist.`,
      span,
      besideHint(reader, written, readText) ?? 'Paths start at the project root.',
    );
    return null;
  }
  if (!isUsable(reader, file, { path, span })) return null;
  const { text } = file;
  return { text, file: path, places: linePlaces(text, 1, 0), fileText: text };
}

/** Adds a mistake for a file that is not text, or empty; returns whether it is usable. */
function isUsable(
  reader: MapReader,
  { text, flaw }: ProjectFile,
  { path, span }: { readonly path: string; readonly span: Span | null },
): boolean {
  if (flaw) reader.add(flaw.code, `${path}: ${flaw.message}`, span, flaw.hint);
  else if (text.trim() === '') reader.add('empty-file', `${path} is empty.`, span, 'Write the query into the file.');
  else return true;
  return false;
}

/** null for a path that is absolute or leaves the project. */
function insidePath(written: string): string | null {
  if (/^([/\\]|[a-z]:)/i.test(written) || written.includes('\u0000')) return null;
  const path = posix.normalize(written.replaceAll('\\', '/'));
  return path === '..' || path.startsWith('../') || path === '.' ? null : path;
}

function besideHint(reader: MapReader, written: string, readText: ReadText): string | null {
  const beside = insidePath(posix.join(posix.dirname(reader.mistakes.file.path), written.replaceAll('\\', '/')));
  return beside !== null && readText(beside) !== null
    ? `Paths start at the project root: did you mean '${beside}'?`
    : null;
}
