import { relative } from 'node:path';
import type { StorePaths } from '../paths.ts';

export type ProblemCode =
  | 'store-damaged'
  | 'generation-damaged'
  | 'definition-missing'
  | 'base-missing'
  | 'artefact-missing'
  | 'artefact-tampered'
  | 'record-damaged'
  | 'plan-damaged'
  | 'view-wrong'
  | 'half-deleted'
  | 'foreign'
  | 'leftover';

/** A generation; `environment: null` is production. */
export interface GenerationReference {
  readonly environment: string | null;
  readonly serial: number;
}

/** Something under `target/` that is not as it should be. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence that names the object. */
  readonly message: string;
  /** The environment that it is about; null where it is production's or the store's. */
  readonly environment: string | null;
  readonly node: string | null;
  readonly artefact: string | null;
  /** Versions that cannot be had because of it, the latest first. */
  readonly generations: readonly GenerationReference[];
  /** From the project root, with `/`. */
  readonly path: string | null;
  readonly hint: string | null;
}

export type ProblemDetails = Partial<Omit<Problem, 'code' | 'message'>>;

export const problem = (code: ProblemCode, message: string, details: ProblemDetails = {}): Problem => ({
  code,
  message,
  environment: null,
  node: null,
  artefact: null,
  generations: [],
  path: null,
  hint: null,
  ...details,
});

/** A path as people know it. */
export const shownPath = (paths: StorePaths, path: string): string => relative(paths.root, path).replaceAll('\\', '/');

/** `production 3, 2; dev 1`. */
export function generationsText(references: readonly GenerationReference[]): string {
  const serials = new Map<string, number[]>();
  for (const { environment, serial } of references) {
    const name = environment ?? 'production';
    serials.set(name, [...(serials.get(name) ?? []), serial]);
  }
  return [...serials].map(([name, numbers]) => `${name} ${numbers.join(', ')}`).join('; ');
}
