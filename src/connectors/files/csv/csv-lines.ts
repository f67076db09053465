import type { JsonObject } from '../../../core/json.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { type FileReading, readerCall } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';

/** How fields are separated; null means the default, `"`. */
export interface Separators {
  readonly delim: string;
  readonly quote: string | null;
  readonly escape: string | null;
}

/** A character that text files do not contain, so that each line is one field. */
const NO_DELIMITER = '\u0001';

/** The first lines of a file, decoded and decompressed; an empty line is an empty string. */
export async function linesOf(
  session: ExecutionSession,
  reading: FileReading,
  part: { readonly file: SourceFile; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await session.rows(`SELECT line FROM (${linesCall(reading, part.file)}) LIMIT ${part.limit}`);
  return rows.map(([line]) => (line === null ? '' : String(line)));
}

/** A query for the lines of a file in one column `line`; an empty line is NULL. */
export function linesCall(reading: FileReading, file: SourceFile): string {
  const { encoding, compression, max_line_size, maximum_line_size } = reading.options;
  const given: JsonObject = Object.fromEntries(
    Object.entries({ encoding, compression, max_line_size, maximum_line_size }).filter(
      (entry): entry is [string, JsonObject[string]] => entry[1] !== undefined,
    ),
  );
  const options: JsonObject = {
    ...given,
    ...{ auto_detect: false, delim: NO_DELIMITER, quote: '', escape: '', header: false, strict_mode: false },
    columns: { line: 'VARCHAR' },
  };
  return readerCall({ ...reading, schema: null, files: [file], options });
}

/** The fields of the record that starts in the first line; quoted fields may span lines. */
export function firstRecord(lines: readonly string[], { delim, quote, escape }: Separators): readonly string[] {
  const [mark, esc] = [quote ?? '"', escape ?? quote ?? '"'];
  const text = lines.join('\n');
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quoted && char === esc && text[at + 1] === mark) field += text[(at += 1)] ?? '';
    else if (quoted && char === mark) quoted = false;
    else if (quoted) field += char;
    else if (char === mark && field === '') quoted = true;
    else if (text.startsWith(delim, at)) {
      fields.push(field);
      field = '';
      at += delim.length - 1;
    } else if (char === '\n') break;
    else field += char;
  }
  return [...fields, field];
}

/** The number of fields in each line; ignores that quoted values may span lines. */
export const fieldCounts = (lines: readonly string[], separators: Separators): readonly number[] =>
  lines.map(line => (line === '' ? 0 : firstRecord([line], separators).length));
