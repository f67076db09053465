import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ParameterContext, UsedParameter } from './parameter-scope.ts';

const MARK = '***';
/** Shorter values are redacted only as whole words, because they may occur inside other words. */
const LONG = 4;
const PIECE = 3;

/** Values of the environment variables that were used. A default from the project's files is not secret. */
export function secretsOf(
  used: readonly UsedParameter[],
  environment: ParameterContext['environment'],
): readonly string[] {
  const names = used.filter(({ origin }) => origin === 'variable').map(({ name }) => name.slice('env:'.length));
  const values = [...new Set(names)].flatMap(
    name => (Object.hasOwn(environment, name) ? environment[name] : null) ?? [],
  );
  return values.filter(value => value.trim() !== '');
}

/**
 * A text with secrets replaced by `***`, also as an engine may quote them: escaped, in another case, as a number, or as a
 * single line or word. A short secret is replaced as a whole word, and anywhere in quotes.
 */
export function redact(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text;
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const long = forms.filter(form => form.length >= LONG);
  const short = forms.filter(form => form.length < LONG);
  const words = [...new Set([...short, ...secrets.flatMap(piecesOf)])].sort((a, b) => b.length - a.length);
  const once = replaceAll(text, long.map(escaped));
  const quoted = once.replace(/'[^']*'|"[^"]*"/g, found => replaceAll(found, short.map(escaped)));
  return replaceAll(quoted, words.map(alone));
}

/** A diagnostic with secrets replaced in all of its texts. */
export function redactDiagnostic(entry: Diagnostic, secrets: readonly string[]): Diagnostic {
  if (secrets.length === 0) return entry;
  return {
    ...entry,
    message: redact(entry.message, secrets),
    hint: entry.hint === null ? null : redact(entry.hint, secrets),
  };
}

function formsOf(secret: string): readonly string[] {
  const texts = [secret, secret.trim(), ...secret.split(/[\r\n]+/).map(line => line.trim())];
  const forms = texts.flatMap(text => [
    text,
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
    JSON.stringify(text).slice(1, -1),
    ...numbersOf(text),
  ]);
  return forms.filter(form => form !== '');
}

/** The spellings that an engine may use for a number. */
function numbersOf(text: string): readonly string[] {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return [];
  const plain = text.replace(/^[+-]?0*(?=\d)/, '');
  return [plain, String(value), value.toFixed(1), String(Math.abs(value))];
}

/** An engine that parses a value as SQL may quote its words one by one. */
const piecesOf = (secret: string): readonly string[] =>
  secret.split(/[^\p{L}\p{N}_]+/u).filter(piece => piece.length >= PIECE);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const alone = (text: string): string => `(?<![\\p{L}\\p{N}_])${escaped(text)}(?![\\p{L}\\p{N}_])`;

const replaceAll = (text: string, patterns: readonly string[]): string =>
  patterns.length === 0 ? text : text.replace(new RegExp(patterns.join('|'), 'giu'), MARK);
