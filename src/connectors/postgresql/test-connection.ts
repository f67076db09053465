import { connect } from './client.ts';
import type { PostgresSettings } from './settings.ts';

/** What a server says about a connection that works. */
export interface ConnectionFacts {
  /** Such as `15.18`. */
  readonly version: string;
  readonly user: string;
  readonly database: string;
  /** The protocol, such as `TLSv1.3`; null if the connection is not encrypted. */
  readonly tls: string | null;
  /** From the first packet to the answer of the first query. */
  readonly milliseconds: number;
  /** Why the user cannot create schemas in the database; null if it can. */
  readonly schemas: 'read-only' | 'not-granted' | null;
}

const QUESTION = `
  SELECT current_setting('server_version'), current_user, current_database(), current_setting('transaction_read_only'),
    has_database_privilege(current_database(), 'CREATE')`;

/** Connects and asks a server about itself; changes nothing. Throws a ToolError that tells apart why it fails. */
export async function testConnection(settings: PostgresSettings, signal: AbortSignal): Promise<ConnectionFacts> {
  const start = performance.now();
  const client = await connect(settings, signal);
  try {
    const [answer = []] = await client.rows(QUESTION);
    const milliseconds = Math.round(performance.now() - start);
    const [version, user, database, readOnly, mayCreate] = answer.map(value => value ?? '');
    const schemas = readOnly === 'on' ? 'read-only' : mayCreate === 't' ? null : 'not-granted';
    return {
      version: version?.split(' ')[0] ?? '',
      user: user ?? '',
      database: database ?? '',
      tls: client.tlsProtocol,
      milliseconds,
      schemas,
    };
  } finally {
    await client.close();
  }
}
