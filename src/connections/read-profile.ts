import { readFileSync } from 'node:fs';
import { type Document, isMap as isYamlMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Json, JsonObject } from '../core/json.ts';
import { diagnostic } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

/** A profile before interpolation; entries are interpolated when they are used. */
export interface Profile {
  /** Path for messages. */
  readonly file: string;
  readonly connections: JsonObject;
  readonly sourceDefaults: JsonObject;
  /** Positions of unknown top-level keys, each with the key that was probably meant. */
  readonly unknownKeys: readonly UnknownKey[];
}

interface UnknownKey {
  readonly line: number;
  readonly column: number;
  readonly meant: string | null;
}

const SECTIONS = ['connections', 'source_defaults'];

/** Reads a profile. Throws `profile-not-found` or `bad-profile`; messages quote no text of the file, which may be secret. */
export function readProfile(absolute: string, shown: string): Profile {
  return parseProfile(readText(absolute, shown), shown);
}

/** Parses the text of a profile. Throws `bad-profile`. */
export function parseProfile(text: string, file: string): Profile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const [mistake] = document.errors;
  if (mistake) {
    const { line, col } = lines.linePos(mistake.pos[0]);
    throw badProfile(file, `not valid YAML (${mistake.code.toLowerCase().replaceAll('_', ' ')})`, {
      line,
      column: col,
    });
  }
  // YAML's core schema yields only JSON values.
  const content = (document.toJS() ?? {}) as Json;
  if (!isMap(content)) throw badProfile(file, 'the profile must be a mapping');
  return {
    file,
    connections: section(content, 'connections', file),
    sourceDefaults: section(content, 'source_defaults', file),
    unknownKeys: unknownKeys(document, lines),
  };
}

function unknownKeys({ contents }: Document.Parsed, lines: LineCounter): readonly UnknownKey[] {
  const keys = isYamlMap(contents) ? contents.items.map(item => item.key).filter(key => isScalar(key)) : [];
  return keys
    .filter(key => !SECTIONS.includes(String(key.value)))
    .map(key => {
      const { line, col } = lines.linePos(key.range?.[0] ?? 0);
      return { line, column: col, meant: suggest(String(key.value), SECTIONS) };
    });
}

function section(content: JsonObject, key: string, file: string): JsonObject {
  const value = content[key] ?? {};
  if (isMap(value)) return value;
  throw badProfile(file, `'${key}' must be a mapping`);
}

export const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readText(absolute: string, shown: string): string {
  try {
    return readFileSync(absolute, 'utf8');
  } catch (cause) {
    throw new ToolError('profile-not-found', `Profile not found: ${shown}`, { cause });
  }
}

function badProfile(file: string, what: string, at: { line: number; column: number } | null = null): ToolError {
  const message = `Profile ${file} cannot be used: ${what}.`;
  if (at === null) return new ToolError('bad-profile', message);
  return new ToolError('bad-profile', message, {
    diagnostics: [diagnostic({ code: 'bad-profile', message: what, file, at })],
  });
}
