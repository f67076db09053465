import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draftTemplate } from '../../core/definition/texts/draft-template.ts';
import { NODE_KINDS } from '../../core/definition/nodes/node.ts';
import { nameMistake } from '../../core/definition/nodes/node-name.ts';
import { LATER_KINDS } from '../../core/definition/nodes/reading/read-node.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { writingFiles } from '../../project/files/writing-files.ts';
import type { World } from '../../core/world.ts';

export interface DraftOptions {
  readonly kind: string;
  readonly name: string;
  readonly description?: string;
  readonly force?: boolean;
}

/** Writes `draft_<kind>_<name>.yml` into the working directory and returns that name. */
export function draftNode(world: World, options: DraftOptions): { readonly file: string } {
  const kind = NODE_KINDS.find(known => known === options.kind);
  if (!kind) throw unknownKind(options.kind);
  const mistake = nameMistake(options.name);
  if (mistake !== null)
    throw new ToolError('bad-name', `'${options.name}' is not a valid node name: ${mistake}.`, {
      hint: "Use any characters except '/', '\\', '.' and control characters.",
    });
  const file = `draft_${kind}_${options.name}.yml`;
  const path = join(world.cwd, file);
  if (existsSync(path) && options.force !== true) {
    throw new ToolError('file-exists', `${file} already exists.`, { hint: 'Pass -f to overwrite it.' });
  }
  writingFiles(file, () => writeFileSync(path, draftTemplate(kind, options.name, options.description ?? null)));
  return { file };
}

function unknownKind(kind: string): ToolError {
  if (LATER_KINDS.includes(kind))
    return new ToolError('not-yet-supported', `Nodes of kind '${kind}' are not supported yet.`, {
      hint: `Supported: ${NODE_KINDS.join(', ')}.`,
    });
  const close = suggest(kind, NODE_KINDS);
  return new ToolError('unknown-kind', `Unknown kind '${kind}'.`, {
    hint:
      close === null
        ? `Known kinds: ${NODE_KINDS.join(', ')}.`
        : `Did you mean '${close}'? Known kinds: ${NODE_KINDS.join(', ')}.`,
  });
}
