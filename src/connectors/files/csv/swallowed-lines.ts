import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { fieldCounts, linesOf } from './csv-lines.ts';
import { type FileReading, readerCall } from '../reader-call.ts';

const SAMPLE = 1000;
const DELIMITERS = [',', ';', '\t', '|'];

/** Options that define how lines with too many or too few fields are handled. */
const ALLOWS_RAGGED: JsonObject = { null_padding: true, ignore_errors: true, strict_mode: false, auto_detect: false };

/** Whether lines with a different number of fields are an error in these files. */
export const refusesRagged = ({ options }: FileReading): boolean =>
  !Object.entries(ALLOWS_RAGGED).some(([name, value]) => options[name] === value) && options['columns'] === undefined;

/**
 * DuckDB's sniffer prefers a dialect that fits all lines. Because of one odd line it may read a table as a single column,
 * or skip all lines above. This function then throws DuckDB's own error about that line.
 */
export async function refuseSwallowed(
  session: ExecutionSession,
  reading: FileReading,
  found: CsvDialect | null,
): Promise<void> {
  const [file] = reading.files;
  if (!file || file.size === 0 || !refusesRagged(reading)) return;
  // A file that cannot be read fails later with its own error.
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

/** Whether the sniffer skipped several lines and kept only the last one. */
function isRemnant(lines: readonly string[], { reading, found }: Sniffed): boolean {
  if (found === null || found.skip === 0 || reading.options['skip'] !== undefined) return false;
  const filled = (part: readonly string[]): number => part.filter(line => line.trim() !== '').length;
  return filled(lines.slice(0, found.skip)) > 1 && filled(lines.slice(found.skip)) === 1;
}

/** The table that most lines belong to, if the sniffer found another; null if its result is plausible. */
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
  /** Number of lines above the first line of that width. */
  readonly skip: number;
  /** Whether the width is unlikely to come from commas in ordinary text. */
  readonly clear: boolean;
}

/** The number of fields that more than half of the non-empty lines have. */
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

/** Whether the sniffer found no header, but skipped a line that looks like one. */
function isHeaderLost(counts: readonly number[], { reading, found }: Sniffed): boolean {
  if (found === null || found.header || found.skip === 0 || reading.options['skip'] !== undefined) return false;
  return reading.options['header'] === undefined && (counts[found.skip - 1] ?? 0) > 1;
}
