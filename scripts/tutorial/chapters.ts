import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseChapter, type Step } from './parse-chapter.ts';

export interface Chapter {
  /** Absolute. */
  readonly path: string;
  readonly title: string;
  readonly text: string;
  readonly steps: readonly Step[];
  /** Whether its commands need a PostgreSQL server: the page says `<!-- needs: postgresql -->`. */
  readonly needsPostgres: boolean;
}

/** The chapters of the guide, in order; each continues where the previous one ended. */
export function readChapters(): readonly Chapter[] {
  const folder = fileURLToPath(new URL('../../docs/guide/', import.meta.url));
  const names = readdirSync(folder).filter(name => /^\d+-.*\.md$/.test(name));
  return names.sort().map(name => {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    return {
      path,
      title: /^# (.*)$/m.exec(text)?.[1] ?? name,
      text,
      steps: parseChapter(text),
      needsPostgres: text.includes('<!-- needs: postgresql -->'),
    };
  });
}
