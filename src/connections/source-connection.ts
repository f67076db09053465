import type { Connection } from '../core/connection.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { JsonObject } from '../core/json.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { checkSettings, findPostgresConnection } from './connections.ts';
import type { Variables } from './dot-env.ts';
import { interpolate } from './interpolate.ts';
import type { Profile } from './read-profile.ts';
import { mergeSourceDefaults } from './source-defaults.ts';

/** A source whose parameters name or describe a connection. */
export type ConnectedSource = Pick<SourceNode, 'id' | 'file' | 'source' | 'options' | 'secrets'>;

/** Options of a source that do not belong to its connection. */
const OTHER_OPTIONS = ['query'];

/** One of these describes a connection without a name. */
const INLINE = ['host', 'url', 'database', 'user'];

/**
 * The connection of a source: its own options over a named connection, and over the profile's `source_defaults`. A source
 * with a `host` or `url` of its own ignores the defaults' connection, whose password is for another server. Throws
 * `no-connection`, `unknown-connection`, `connection-type`, `unset-variable` or `bad-connection`.
 */
export function connectionOfSource(profile: Profile | null, source: ConnectedSource, variables: Variables): Connection {
  const own = ownOptions(source, variables);
  const merged = mergeSourceDefaults(profile, { type: source.source, params: own }, variables);
  const { connection: name, ...settings } = isElsewhere(own) ? { ...merged, connection: null } : merged;
  const checked = checkSettings(settings, mistake => new ToolError('bad-connection', `${source.id}: ${mistake}.`));
  if (typeof name === 'string' && name !== '') {
    const named = findPostgresConnection(profile, name, variables);
    return { ...named, settings: over(named.settings, checked) };
  }
  if (!INLINE.some(key => Object.hasOwn(checked, key))) throw noConnection(profile, source);
  return { name: source.id, type: 'postgresql', settings: checked };
}

/** `${VAR}` works as in a profile, except in values that came from variables already. */
function ownOptions({ id, file, options, secrets = [] }: ConnectedSource, variables: Variables): JsonObject {
  const context = { variables, file, entry: id };
  const mine = Object.entries(options).filter(([key]) => !OTHER_OPTIONS.includes(key));
  const isFilledIn = (value: unknown): boolean =>
    typeof value === 'string' && secrets.some(secret => value.includes(secret));
  return Object.fromEntries(mine.map(([key, value]) => [key, isFilledIn(value) ? value : interpolate(value, context)]));
}

const isElsewhere = (own: JsonObject): boolean =>
  !Object.hasOwn(own, 'connection') && (Object.hasOwn(own, 'host') || Object.hasOwn(own, 'url'));

/** A password given in one way replaces one that was given in the other. */
function over(named: JsonObject, own: JsonObject): JsonObject {
  const replaced = ['password', 'password_command'].some(key => Object.hasOwn(own, key));
  const { password, password_command: command, ...rest } = named;
  const kept = {
    ...(password === undefined ? {} : { password }),
    ...(command === undefined ? {} : { password_command: command }),
  };
  return { ...rest, ...(replaced ? {} : kept), ...own };
}

function noConnection(profile: Profile | null, { id }: ConnectedSource): ToolError {
  if (profile === null) {
    return new ToolError('no-connection', `${id} has no connection, and no profile was found.`, {
      hint: "Add 'connection' under params, and define it in profiles.yml or a file given with --profile.",
    });
  }
  const known = Object.keys(profile.connections).sort();
  const message = `${id} has no connection: neither its params nor source_defaults in ${profile.file} name one.`;
  return new ToolError('no-connection', message, {
    hint:
      known.length === 0
        ? `Define a connection in ${profile.file}, and add 'connection' under params.`
        : `Add 'connection' under params. Available: ${known.join(', ')}.`,
  });
}
