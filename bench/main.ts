import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure, Measure } from './measure.ts';
import { analysis } from './measures/analysis.ts';
import { chapter } from './measures/chapter.ts';
import { environmentBytes } from './measures/environment-bytes.ts';
import { postgresql } from './measures/postgresql.ts';
import { promotion } from './measures/promotion.ts';
import { startUp } from './measures/start-up.ts';
import { thousandNodes } from './measures/thousand-nodes.ts';
import { quoteInReadme } from './readme.ts';
import { renderTable } from './table.ts';

const ALL: readonly Measure[] = [startUp, chapter, thousandNodes, promotion, environmentBytes, analysis, postgresql];
const QUICK = '--quick';

const words = process.argv.slice(2);
const quick = words.includes(QUICK);
const wanted = words.filter(word => !word.startsWith('-'));
const unknown = [
  ...words.filter(word => word.startsWith('-') && word !== QUICK),
  ...wanted.filter(word => chosen([word]).length === 0),
];
if (unknown.length > 0) {
  console.error(`Unknown argument: ${unknown.join(' ')}. Usage: npm run bench -- [${QUICK}] [${namesOf(ALL)}]`);
  process.exit(64);
}

const folders: string[] = [];
process.on('exit', removeFolders);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const figures = await measureAll(chosen(wanted));
const table = renderTable(figures);
console.log(table);
// Only a full run of all measures goes into the README.
if (!quick && wanted.length === 0) quoteInReadme(`${table}\n\n${circumstances()}`);
const missed = figures.filter(figure => !figure.met).map(figure => `${figure.what}: ${figure.measured}`);
console.error(missed.length === 0 ? '\nAll goals met.' : `\nMissed:\n  ${missed.join('\n  ')}`);

function chosen(names: readonly string[]): readonly Measure[] {
  return names.length === 0 ? ALL : ALL.filter(measure => names.some(name => measure.name.includes(name)));
}

function namesOf(measures: readonly Measure[]): string {
  return measures.map(measure => measure.name).join(' | ');
}

async function measureAll(measures: readonly Measure[]): Promise<readonly Figure[]> {
  const found: Figure[] = [];
  for (const [index, measure] of measures.entries()) {
    const say = (text: string) => console.error(`[${index + 1}/${measures.length}] ${measure.name}: ${text}`);
    say('measuring…');
    const bench: Bench = { quick, folder: temporaryFolder, say };
    for (const figure of await measure.run(bench)) {
      say(`${figure.what}: ${figure.measured}`);
      found.push(figure);
    }
    removeFolders();
  }
  return found;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-bench-'));
  folders.push(folder);
  return folder;
}

function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function circumstances(): string {
  const [cpu] = cpus();
  return `Medians of interleaved runs; ${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}, ${process.platform}.`;
}
