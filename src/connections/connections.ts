import type { Connection } from '../core/connection.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Variables } from './dot-env.ts';
import { interpolate } from './interpolate.ts';
import { isMap, type Profile } from './read-profile.ts';

/** A connection by name, interpolated and checked. Throws `unknown-connection`, `unset-variable` or `bad-connection`. */
export function findConnection(profile: Profile | null, name: string, variables: Variables): Connection {
  if (profile === null) {
    throw new ToolError('unknown-connection', `Connection '${name}' is not defined: no profile was found.`, {
      hint: 'Add a profiles.yml with a connections section, or pass --profile.',
    });
  }
  if (!Object.hasOwn(profile.connections, name)) throw unknownConnection(profile, name);
  const entry = `connection '${name}'`;
  const raw = profile.connections[name];
  if (!isMap(raw)) throw badConnection(profile, name, 'it must be a mapping');
  const values = interpolate(raw, { variables, file: profile.file, entry }) as JsonObject;
  const { type, ...settings } = values;
  if (typeof type !== 'string' || type === '') throw badConnection(profile, name, "it needs a 'type'");
  return { name, type, settings: checkSettings(settings, mistake => badConnection(profile, name, mistake)) };
}

const POSTGRES = ['postgresql', 'postgres'];

/** A connection to PostgreSQL by name. Throws like `findConnection`, and `connection-type` for one of another type. */
export function findPostgresConnection(profile: Profile | null, name: string, variables: Variables): Connection {
  const connection = findConnection(profile, name, variables);
  if (POSTGRES.includes(connection.type)) return connection;
  const where = profile === null ? '' : ` in ${profile.file}`;
  throw new ToolError('connection-type', `Connection '${name}'${where} is not of type 'postgresql'.`, {
    hint: "Use a connection of type 'postgresql', or change its type.",
  });
}

/**
 * Names of the connections of type `postgresql`, in the profile's order; also of entries that do not say their type, so that
 * using them tells what is wrong. Throws nothing.
 */
export function postgresConnectionNames(profile: Profile, variables: Variables): readonly string[] {
  return Object.keys(profile.connections).filter(name => {
    const raw = profile.connections[name];
    if (!isMap(raw) || typeof raw['type'] !== 'string') return true;
    try {
      const type = interpolate(raw['type'], { variables, file: profile.file, entry: name });
      return typeof type === 'string' && POSTGRES.includes(type);
    } catch {
      return true;
    }
  });
}

/** Checks the settings that all servers share. Messages contain no values, since those may be secrets. */
export function checkSettings(settings: JsonObject, refuse: Refuse): JsonObject {
  const checked: Record<string, Json> = { ...settings };
  for (const [key, value] of Object.entries(settings)) {
    if (key === 'port')
      checked[key] = wholeNumber(value, 65_535) ?? raise(refuse('port must be a whole number from 1 to 65535'));
    else if (/(^|_)timeout$/.test(key)) {
      checked[key] =
        wholeNumber(value, 86_400) ?? raise(refuse(`${key} must be a whole number of seconds, at least 1`));
    } else if (key === 'host' && !isHost(value)) throw refuse('host must be a host name or an IP address');
  }
  checkPassword(settings, refuse);
  return checked;
}

function checkPassword({ password, password_command: command }: JsonObject, refuse: Refuse): void {
  if (command === undefined || command === null) return;
  if (!isPasswordCommand(command)) throw refuse('password_command must be a list of a program and its arguments');
  if (typeof password === 'string' && password !== '') throw refuse('it has both password and password_command');
}

/** Whether a setting is a program and its arguments. */
export const isPasswordCommand = (value: Json | undefined): value is readonly [string, ...string[]] =>
  Array.isArray(value) && value.length > 0 && value[0] !== '' && value.every(part => typeof part === 'string');

type Refuse = (mistake: string) => ToolError;

function wholeNumber(value: Json | undefined, most: number): number | null {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most ? number : null;
}

const isHost = (value: Json | undefined): boolean =>
  typeof value === 'string' && /^[^\s'"\\;=@?#\u0000-\u001f]+$/.test(value);

function raise(error: ToolError): never {
  throw error;
}

const badConnection = (profile: Profile, name: string, mistake: string): ToolError =>
  new ToolError('bad-connection', `${profile.file}: connection '${name}': ${mistake}.`);

function unknownConnection(profile: Profile, name: string): ToolError {
  const known = Object.keys(profile.connections).sort();
  const list = known.length > 0 ? `Available: ${known.join(', ')}.` : 'It defines no connections.';
  const close = didYouMean(name, known);
  return new ToolError('unknown-connection', `Connection '${name}' is not defined in ${profile.file}. ${list}`, {
    hint: close ?? 'Add it under connections, or use one of the available connections.',
  });
}
