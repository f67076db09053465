import { downloadExtension } from './extension-download.ts';
import { missingExtension } from './extensions.ts';
import { findPgbouncer, installPgbouncer } from './pgbouncer-binary.ts';
import { findPostgres } from './postgres-binaries.ts';
import { downloadPostgres } from './postgres-download.ts';
import { reasonOf } from './reason-of.ts';
import { unavailability, type Unavailable } from './unavailable.ts';

/** Something that tests need and `npm test` can bring. */
interface Supply {
  readonly name: string;
  /** Null if it is here. Cheap. */
  missing(): Unavailable | null;
  /** Brings it, or throws why it cannot. */
  bring(): Promise<void> | void;
}

const SUPPLIES: readonly Supply[] = [
  { name: 'PostgreSQL', missing: () => unavailability(findPostgres()), bring: downloadPostgres },
  { name: 'pgbouncer', missing: () => unavailability(findPgbouncer()), bring: installPgbouncer },
  extension('postgres_scanner'),
];

function extension(name: string): Supply {
  return {
    name: `DuckDB's extension ${name}`,
    missing: () => missingExtension(name),
    bring: () => downloadExtension(name),
  };
}

/** Brings what tests need, or with `bring` false only looks. Returns what is missing and why, a line each. */
export async function prepareServers(bring: boolean, report: (line: string) => void): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const supply of SUPPLIES) {
    const reason = supply.missing()?.reason ?? null;
    if (reason === null) continue;
    const failure = bring ? await brought(supply, report) : reason;
    if (failure !== null) missing.push(`tests that need ${supply.name}: ${failure}`);
  }
  return missing;
}

async function brought(supply: Supply, report: (line: string) => void): Promise<string | null> {
  report(`Fetching ${supply.name} for the tests (once)…`);
  try {
    await supply.bring();
    return supply.missing()?.reason ?? null;
  } catch (error) {
    return reasonOf(error);
  }
}
