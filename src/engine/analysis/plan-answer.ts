import type { QueryMistake } from './described.ts';

/** What DuckDB says of a query's plan. */
export interface PlanAnswer {
  readonly plan: string | null;
  /** Why there is none, where the query is right all the same. */
  readonly why: string | null;
  readonly mistake: Omit<QueryMistake, 'statement'> | null;
}

/** `json_serialize_plan` answers with plans, or with an error; a query that it cannot write down is no mistake. */
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
