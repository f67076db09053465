import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../core/json.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf } from '../disk.ts';

/** A file's text; null if it does not exist. Throws `disk`. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    throw new ToolError('disk', `Cannot read ${path}: ${errno ?? String(error)}.`, { cause: error });
  }
}

/** Reads a document of the store; null if it does not exist. Throws `format-too-new` or `store-damaged`. */
export function readDocument(path: string, format: string): JsonObject | null {
  const text = readText(path);
  return text === null ? null : parseDocument(text, { path, format });
}

/** Parses a document and checks its format and version. Throws `format-too-new` or `store-damaged`. */
export function parseDocument(text: string, origin: { readonly path: string; readonly format: string }): JsonObject {
  const document = parseObject(text);
  if (document === null || document['format'] !== origin.format) throw damaged(origin.path);
  assertKnown(document, origin.path);
  if (document['version'] !== 1) throw damaged(origin.path);
  return document;
}

/** Throws `format-too-new` for a view of a newer version. Reads only the start of the text. */
export function assertKnownVersion(text: string, path: string): void {
  const version = /^\{\s*"format":\s*"[^"]*",\s*"version":\s*(\d+)/.exec(text)?.[1];
  if (version !== undefined) assertKnown({ version: Number(version) }, path);
}

function assertKnown({ version }: JsonObject, path: string): void {
  if (typeof version !== 'number' || version <= 1) return;
  throw new ToolError('format-too-new', `${path} has version ${version}, written by a newer seeknal.`, {
    hint: 'Update seeknal. This version understands only version 1 and changed nothing.',
  });
}

/** An error about a damaged part of the store. */
export const damaged = (what: string): ToolError =>
  new ToolError('store-damaged', `${what} is damaged.`, {
    hint: "Run 'seeknal doctor' to see what can be repaired. Otherwise restore target/ from a backup, or delete it and run again to rebuild it from the project and its sources.",
  });

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

export const isDamage = (error: unknown): boolean => error instanceof ToolError && error.code === 'store-damaged';
