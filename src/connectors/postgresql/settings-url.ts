/** What a connection's `url` says, by our own keys; or what is wrong with it, without any value of it. */
export type ParsedUrl =
  | { readonly settings: Readonly<Record<string, string>>; readonly mistake: null }
  | { readonly settings: null; readonly mistake: string };

const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<host>\[[^\]@/?#]*\]|[^:@/?#[\]]*)(?::(?<port>\d*))?(?:\/(?<database>[^/?#]*))?(?:\?(?<query>[^@#]*))?$/;

const ENCODE = 'Special characters in it must be percent-encoded';

/** Takes a `postgresql://` or `postgres://` url apart. Empty parts count as not given. */
export function parsePostgresUrl(url: string): ParsedUrl {
  const parts = URL_PARTS.exec(url)?.groups;
  if (parts === undefined) {
    return wrong(`url must look like postgresql://user:password@host:port/database. ${ENCODE}`);
  }
  const { query = '', ...named } = parts;
  const pairs = [...Object.entries(named), ...query.split('&').map(splitPair)];
  try {
    const given = pairs.filter(([, text]) => text !== undefined && text !== '');
    return { settings: Object.fromEntries(given.map(([key, text]) => [decode(key), value(text)])), mistake: null };
  } catch {
    return wrong(`url is not percent-encoded correctly. ${ENCODE}`);
  }
}

const wrong = (mistake: string): ParsedUrl => ({ settings: null, mistake });

const decode = (text: string): string => decodeURIComponent(text);

/** Decoded, and an IPv6 address without its brackets. */
const value = (text: string): string => decode(/^\[(.*)\]$/.exec(text)?.[1] ?? text);

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}
