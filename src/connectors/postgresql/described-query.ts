import type { Connection, FieldDef, Submittable } from 'pg';

/** A statement for the driver that is parsed and described, but not run. */
export interface DescribedQuery {
  readonly submittable: Submittable;
  /** The output columns, once submitted; none for a statement that returns no rows. */
  readonly fields: Promise<readonly FieldDef[]>;
}

export function describedQuery(query: string): DescribedQuery {
  let found: readonly FieldDef[] = [];
  let settle: Settle = { resolve: () => undefined, reject: () => undefined };
  const fields = new Promise<readonly FieldDef[]>((resolve, reject) => (settle = { resolve, reject }));
  const submittable = {
    submit(connection: Connection): void {
      connection.parse({ name: '', text: query, types: [] }, true);
      connection.describe({ type: 'S', name: '' }, true);
      connection.sync();
    },
    handleRowDescription: (message: { readonly fields: readonly FieldDef[] }) => (found = message.fields),
    handleError: (error: Error) => settle.reject(error),
    handleReadyForQuery: () => settle.resolve(found),
  };
  return { submittable, fields };
}

interface Settle {
  readonly resolve: (fields: readonly FieldDef[]) => void;
  readonly reject: (error: Error) => void;
}
