import { leftLines } from './deletion-view.ts';
import type { CleanupDocument } from '../app/maintenance/clean-up.ts';
import { plural } from './text/columns.ts';
import type { Style } from './text/style.ts';

/** Renders the result or the preview of a cleanup; each line ends with a newline. */
export function renderCleanup(document: CleanupDocument, style: Style): string {
  const unreadable = document.unreadable
    .map(generation => `${style.caution('warning')}: ${unreadableText(generation)}\n`)
    .join('');
  return `${unreadable}${removedText(document, style)}`;
}

const unreadableText = ({ environment, serial }: CleanupDocument['unreadable'][number]): string =>
  `generation ${serial} of ${environment ?? 'production'} is damaged: kept, with everything it may refer to`;

function removedText(document: CleanupDocument, style: Style): string {
  if (isNothing(document)) return `${style.good('✓')} Nothing to clean up.\n`;
  const { environments, dry_run: dry } = document;
  const lines = [
    ...environments.map(name => `  environment ${name}   ${dry === true ? 'expired' : 'removed: it had expired'}`),
    ...countLines(document),
    ...document.schemas_dropped.map(
      ({ name, endpoint }) => `  ${dry === true ? 'schema' : 'dropped: schema'} ${name} on ${endpoint}`,
    ),
  ];
  const left = leftLines(document.schemas_left, style);
  const size = byteText(document.bytes);
  if (dry === true) return [`${style.note('ℹ')} To be removed:`, ...lines, `  ${size} in all`, ...left, ''].join('\n');
  return [...lines, `${style.good('✓')} Cleaned up: ${size} freed.`, ...left, ''].join('\n');
}

/** Whether a cleanup would remove nothing. */
export const isNothing = ({ environments, generations, artefacts, bytes }: CleanupDocument): boolean =>
  environments.length + generations.length + artefacts.length + bytes === 0;

function countLines({ generations, artefacts }: CleanupDocument): readonly string[] {
  const sum = artefacts.reduce((bytes, artefact) => bytes + artefact.bytes, 0);
  return [
    ...(generations.length === 0 ? [] : [`  ${plural(generations.length, 'generation')} beyond what is kept`]),
    ...(artefacts.length === 0
      ? []
      : [`  ${plural(artefacts.length, 'artefact')} that nothing refers to   ${byteText(sum)}`]),
  ];
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `512 B`, `1.5 MB`: powers of 1000, one decimal. */
export function byteText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power] ?? ''}`;
}
