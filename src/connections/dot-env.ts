import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ToolError } from '../diagnostics/tool-error.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Environment variables, completed by `.env` in the project's root; one that is set wins. Throws `dot-env-unreadable`. */
export function withDotEnv(root: string, variables: Variables): Variables {
  const text = readDotEnv(join(root, '.env'));
  if (text === null) return variables;
  const set = Object.entries(variables).filter(([, value]) => value !== undefined);
  return { ...parseEnv(text.replace(/^\uFEFF/, '')), ...Object.fromEntries(set) };
}

function readDotEnv(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT') return null;
    throw new ToolError('dot-env-unreadable', `.env in the project root cannot be read (${code}).`, {
      cause,
      hint: 'Make it a readable file, or delete it.',
    });
  }
}
