import { type ConnectionProblem, type FailedAttempt, NO_PASSWORD, wordsOf } from './connection-problem.ts';
import type { PostgresSettings } from './settings.ts';

/** What an error of the network, of TLS or of the driver means for a connection. */
export function systemProblem({ settings, error }: FailedAttempt): ConnectionProblem {
  const code = codeOf(error);
  const words = wordsOf(error, settings);
  const known = PROBLEMS.find(({ codes, says }) => codes?.test(code) === true || says?.test(words) === true);
  return known?.problem(settings, words) ?? otherwise(words === '' ? code : words);
}

interface Kind {
  readonly codes?: RegExp;
  readonly says?: RegExp;
  problem(settings: PostgresSettings, words: string): ConnectionProblem;
}

const PROBLEMS: readonly Kind[] = [
  { codes: /^(?:ENOTFOUND|EAI_.*)$/, problem: settings => notFound(settings) },
  { codes: /^(?:ECONNREFUSED|ENOENT)$/, problem: settings => refused(settings) },
  { codes: /^ETIMEDOUT$/, says: /^timeout expired$/, problem: settings => timedOut(settings) },
  { codes: /^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/, problem: settings => unreachable(settings) },
  { says: /server does not support SSL/, problem: settings => tlsRefused(settings) },
  { codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/, problem: settings => otherHost(settings) },
  {
    codes: /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_)/,
    problem: untrusted,
  },
  { codes: /^ERR_(?:SSL|OSSL|TLS)_/, problem: (_, words) => tlsFailed(words) },
  { says: /^SASL.*password/, problem: ({ user }) => noPassword(user) },
  {
    says: /error establishing an SSL connection|unexpected message|Unknown authenticat/i,
    problem: ({ port }) => noPostgres(port),
  },
  { codes: /^(?:ECONNRESET|EPIPE)$/, says: /^Connection terminated/, problem: () => hungUp() },
];

/** Node reports several addresses of one name as one error with several causes. */
function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first ? String(first.code) : '';
}

const notFound = ({ host }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-host-not-found',
  what: `host '${host}' was not found`,
  hint: "Check 'host' and the network or VPN.",
});

const refused = ({ host, port }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-refused',
  what: `nothing listens on port ${port} of '${host}'`,
  hint: "Start the server, or check 'host' and 'port'.",
});

const timedOut = ({ connectTimeout }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-timeout',
  what: `no answer within ${connectTimeout} s`,
  hint: "Check 'host', 'port' and firewalls, or raise connect_timeout.",
});

const unreachable = ({ host }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-unreachable',
  what: `host '${host}' cannot be reached`,
  hint: 'Check the network or VPN.',
});

const tlsRefused = ({ sslMode }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-tls-refused',
  what: `the server offers no TLS, but sslmode is ${sslMode}`,
  hint: 'Turn on TLS on the server, or set sslmode: prefer if an unencrypted connection is acceptable.',
});

const otherHost = ({ host }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-certificate-host',
  what: `the server's certificate is not valid for host '${host}'`,
  hint: "Set 'host' to a name in the certificate, or sslmode: verify-ca to accept any name.",
});

function untrusted({ sslRootCert }: PostgresSettings, words: string): ConnectionProblem {
  const missing = sslRootCert === 'system' ? 'the certificates of the system do' : `${sslRootCert} does`;
  return {
    code: 'connection-certificate',
    what: `the server's certificate is not trusted (${words})`,
    hint: `Set sslrootcert to the certificate authority that signed it; ${missing} not contain it.`,
  };
}

const tlsFailed = (words: string): ConnectionProblem => ({
  code: 'connection-tls',
  what: `the TLS handshake failed (${words})`,
  hint: 'Check sslcert and sslkey, and the TLS versions that the server accepts.',
});

const noPassword = (user: string): ConnectionProblem => ({
  code: 'connection-password',
  what: `the server asks user '${user}' for a password`,
  hint: NO_PASSWORD,
});

const noPostgres = (port: number): ConnectionProblem => ({
  code: 'connection-protocol',
  what: `what listens on port ${port} does not answer like a PostgreSQL server`,
  hint: "Check 'host' and 'port'.",
});

const hungUp = (): ConnectionProblem => ({
  code: 'connection-closed',
  what: 'the server closed the connection before it was established',
  hint: "Check 'host' and 'port', and the log of the server.",
});

const otherwise = (words: string): ConnectionProblem => ({
  code: 'connection-failed',
  what: `it failed (${words})`,
  hint: "Check the connection's settings.",
});
