import type { ConnectionTestDocument } from '../app/maintenance/test-connection.ts';
import type { Style } from './text/style.ts';

/** Renders whether a connection works, or why not and what to try; each line ends with a newline. */
export function renderConnectionTest(document: ConnectionTestDocument, style: Style): string {
  const lines = document.status === 'ok' ? worksLines(document, style) : failedLines(document, style);
  return [...lines, ''].join('\n');
}

function worksLines(document: ConnectionTestDocument, style: Style): readonly string[] {
  const { connection, endpoint, server_version, user, tls, milliseconds, can_create_schemas } = document;
  return [
    `${style.good('✓')} Connection '${connection}' works: ${endpoint} (${milliseconds} ms)`,
    `  server    PostgreSQL ${server_version}`,
    `  user      ${user}`,
    `  database  ${document.database}`,
    `  TLS       ${tls ?? 'no'}`,
    `  schemas   ${can_create_schemas === true ? 'can be created' : 'cannot be created'}`,
  ];
}

function failedLines({ diagnostics }: ConnectionTestDocument, style: Style): readonly string[] {
  return diagnostics.flatMap(({ code, message, hint }) => [
    `${style.bad('✗')} ${message} [${code}]`,
    ...(hint === null ? [] : [`  hint: ${hint}`]),
  ]);
}
