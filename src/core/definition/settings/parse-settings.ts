import { parseLifetime } from './durations.ts';
import { MapReader } from '../yaml/map-reader.ts';
import type { Mistakes } from '../yaml/mistakes.ts';
import type { ProjectSettings } from '../nodes/node.ts';
import { describeTree, type MapTree } from '../yaml/yaml-tree.ts';

const DAY_MS = 86_400_000;
/** DuckDB starts any number of threads, however slow that is. */
const MOST_AT_ONCE = 1024;

/** Defaults for `seeknal_project.yml`. */
export const DEFAULT_SETTINGS: ProjectSettings = {
  name: '',
  version: null,
  description: null,
  threads: null,
  memoryLimit: null,
  maxWorkers: null,
  environmentTtl: 7 * DAY_MS,
  keepGenerations: 20,
  keepDays: 30,
};

/** Reads `seeknal_project.yml`; invalid values become defaults. */
export function readSettings(map: MapTree, mistakes: Mistakes): ProjectSettings {
  const reader = new MapReader(map, mistakes, 'the project');
  reader.refuseOtherKeys(['name', 'version', 'description', 'settings']);
  const settings = reader.mapping('settings');
  return {
    ...DEFAULT_SETTINGS,
    name: reader.requiredText('name', 'Write `name: my-project`, which banners and reports show.') ?? '',
    version: reader.label('version'),
    description: reader.label('description'),
    ...(settings ? readLimits(new MapReader(settings, mistakes, 'the settings')) : {}),
  };
}

function readLimits(reader: MapReader): Omit<ProjectSettings, 'name' | 'version' | 'description'> {
  reader.refuseOtherKeys([
    'threads',
    'memory_limit',
    'max_workers',
    'environment_ttl',
    'keep_generations',
    'keep_days',
  ]);
  return {
    threads: reader.wholeNumber('threads', 1, MOST_AT_ONCE),
    memoryLimit: readMemoryLimit(reader),
    maxWorkers: reader.wholeNumber('max_workers', 1, MOST_AT_ONCE),
    environmentTtl: readTtl(reader) ?? DEFAULT_SETTINGS.environmentTtl,
    keepGenerations: reader.wholeNumber('keep_generations', 1) ?? DEFAULT_SETTINGS.keepGenerations,
    keepDays: reader.wholeNumber('keep_days', 0) ?? DEFAULT_SETTINGS.keepDays,
  };
}

function readMemoryLimit(reader: MapReader): string | null {
  const text = reader.text('memory_limit');
  if (text === null || /^\d+(\.\d+)?\s*([KMGT]i?B|%)$/i.test(text.trim())) return text === null ? null : text.trim();
  reader.add(
    'bad-value',
    `'${text}' is not a valid amount of memory.`,
    reader.value('memory_limit')?.span ?? null,
    'Write an amount such as 4GB or 512MB.',
  );
  return null;
}

function readTtl(reader: MapReader): number | null {
  const value = reader.value('environment_ttl');
  if (!value) return null;
  const duration =
    value.kind === 'scalar' && typeof value.value !== 'boolean' && value.value !== null
      ? parseLifetime(value.value)
      : null;
  if (duration === null)
    reader.add(
      'bad-value',
      `'${value.kind === 'scalar' ? value.written : describeTree(value)}' is not a valid duration.`,
      value.span,
      'Write a duration such as 7d, 12h or 30m, or a number of days (0 = never expires).',
    );
  return duration;
}
