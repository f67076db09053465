import type { QueryMistake } from './described.ts';

/** DuckDB's answer to `json_serialize_plan`. */
export interface PlanAnswer {
  readonly plan: string | null;
  /** Why a valid query has no plan. */
  readonly why: string | null;
  readonly mistake: Omit<QueryMistake, 'statement'> | null;
}

/** Parses the answer. A query that DuckDB cannot serialise is not a mistake. */
export function parsePlanAnswer(text: string): PlanAnswer {
  if (!text.startsWith('{"error":true')) return { plan: text, why: null, mistake: null };
  const error = JSON.parse(text) as Readonly<Record<string, string | undefined>>;
  const type = error['error_type'] ?? 'unknown';
  const message = error['error_message'] ?? text;
  if (UNSERIALISABLE.has(type)) return { plan: null, why: firstLine(message), mistake: null };
  const candidates = error['candidates']?.split(',').filter(name => name !== '') ?? [];
  const offset = error['position'] === undefined ? null : Number(error['position']);
  return {
    plan: null,
    why: null,
    mistake: {
      kind: 'mistake',
      type,
      subtype: error['error_subtype'] ?? null,
      message,
      offset,
      candidates,
      name: error['name'] ?? null,
    },
  };
}

const UNSERIALISABLE: ReadonlySet<string> = new Set(['not implemented', 'serialization', 'internal', 'fatal']);

const firstLine = (text: string): string => text.split('\n')[0] ?? text;
