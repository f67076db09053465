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

/** A defect under `target/`. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence that names the object. */
  readonly message: string;
  /** The affected environment; null for production or the store. */
  readonly environment: string | null;
  readonly node: string | null;
  readonly artefact: string | null;
  /** Generations that are affected, the latest first. */
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

/** A path relative to the project root, with `/`. */
export const shownPath = (paths: StorePaths, path: string): string => relative(paths.root, path).replaceAll('\\', '/');

/** For example `production 3, 2; dev 1`. */
export function generationsText(references: readonly GenerationReference[]): string {
  const serials = new Map<string, number[]>();
  for (const { environment, serial } of references) {
    const name = environment ?? 'production';
    serials.set(name, [...(serials.get(name) ?? []), serial]);
  }
  return [...serials].map(([name, numbers]) => `${name} ${numbers.join(', ')}`).join('; ');
}
