import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { fieldCounts, linesOf } from './csv-lines.ts';
import { type FileReading, readerCall } from '../reader-call.ts';

const SAMPLE = 1000;
const DELIMITERS = [',', ';', '\t', '|'];

/** Options by which a user says what becomes of a line that has too many or too few fields. */
const RAGGED_IS_MEANT: JsonObject = { null_padding: true, ignore_errors: true, strict_mode: false, auto_detect: false };

/** Whether lines of different lengths are an error in these files. */
export const refusesRagged = ({ options }: FileReading): boolean =>
  !Object.entries(RAGGED_IS_MEANT).some(([name, value]) => options[name] === value) && options['columns'] === undefined;

/**
 * DuckDB's sniffer prefers any dialect that fits all lines: for the sake of one odd line it takes a table for a single
 * column of lines, or leaves all lines above out. Such a reading fails here with DuckDB's own words on that line.
 */
export async function refuseSwallowed(
  session: ExecutionSession,
  reading: FileReading,
  found: CsvDialect | null,
): Promise<void> {
  const [file] = reading.files;
  if (!file || file.size === 0 || !refusesRagged(reading)) return;
  // What cannot be read at all fails by itself.
  const lines = await linesOf(session, reading, { file, limit: SAMPLE }).catch(() => []);
  const likely = likelyTable(lines, { reading, found });
  if (likely === null && isRemnant(lines, { reading, found })) throw new Error('Error when sniffing file');
  if (likely === null) return;
  const columns = Object.fromEntries(Array.from({ length: likely.width }, (_, index) => [`column${index}`, 'VARCHAR']));
  const { delim, skip } = likely;
  const { encoding, compression, quote = '"', escape = '"', comment = found?.comment ?? undefined } = reading.options;
  const given = Object.entries({ encoding, compression, comment }).filter(([, value]) => value !== undefined);
  const options = {
    ...(Object.fromEntries(given) as JsonObject),
    ...{ auto_detect: false, delim, quote, escape, skip, header: false, columns },
  };
  await session.rows(`SELECT count(*) FROM (${readerCall({ ...reading, schema: null, files: [file], options })})`);
}

interface LikelyTable {
  readonly delim: string;
  readonly width: number;
  readonly skip: number;
}

interface Sniffed {
  readonly reading: FileReading;
  readonly found: CsvDialect | null;
}

/** Of at least as many lines above, one is all that is left: no table was found, but a last line that looks like one. */
function isRemnant(lines: readonly string[], { reading, found }: Sniffed): boolean {
  if (found === null || found.skip === 0 || reading.options['skip'] !== undefined) return false;
  const filled = (part: readonly string[]): number => part.filter(line => line.trim() !== '').length;
  return filled(lines.slice(0, found.skip)) > 1 && filled(lines.slice(found.skip)) === 1;
}

/** The table that most lines are of, where the sniffer found another; null where there is no doubt. */
function likelyTable(lines: readonly string[], { reading, found }: Sniffed): LikelyTable | null {
  const given = reading.options['delim'];
  const single = found === null || found.columns.length === 1;
  const delimiters = typeof given === 'string' ? [given] : single ? DELIMITERS : [found.delim];
  for (const delim of delimiters) {
    const counts = fieldCounts(lines, { delim, quote: null, escape: null });
    const { width, skip, clear } = commonWidth(counts, reading);
    if (width < 2 || (single && !clear)) continue;
    if (single || width !== found.columns.length) return { delim, width, skip };
    if (isHeaderLost(counts, { reading, found })) return { delim, width: Math.max(2, counts[0] ?? 0), skip: 0 };
  }
  return null;
}

interface CommonWidth {
  readonly width: number;
  /** How many lines stand above the first of that width. */
  readonly skip: number;
  /** It is no accident of commas in a text. */
  readonly clear: boolean;
}

/** Of the lines that hold anything, the width of more than half. */
function commonWidth(counts: readonly number[], { options }: FileReading): CommonWidth {
  const above = typeof options['skip'] === 'number' ? options['skip'] : 0;
  const below = counts.slice(above);
  const tally = new Map<number, number>();
  for (const count of below) if (count > 0) tally.set(count, (tally.get(count) ?? 0) + 1);
  const filled = below.filter(count => count > 0).length;
  const first = below.find(count => count > 0) ?? 0;
  const [width, times] = [...tally].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0]);
  if ((tally.get(first) ?? 0) === times && first > 1) return { width: first, skip: above, clear: true };
  const start = below.indexOf(width);
  const preamble = below.slice(0, start).every(count => count < 2);
  if (times * 2 <= filled) return { width: 0, skip: above, clear: false };
  const clear = first === width || (width > 2 && times * 10 >= filled * 9);
  return { width, skip: preamble ? above + start : above, clear };
}

/** Lines above were left out, the last of which looks like a header, and none was found below. */
function isHeaderLost(counts: readonly number[], { reading, found }: Sniffed): boolean {
  if (found === null || found.header || found.skip === 0 || reading.options['skip'] !== undefined) return false;
  return reading.options['header'] === undefined && (counts[found.skip - 1] ?? 0) > 1;
}
