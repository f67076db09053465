import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Json } from '../../json.ts';
import { Mistakes } from '../yaml/mistakes.ts';
import type { ProjectFile } from '../nodes/node.ts';
import { parseYamlMapping } from '../yaml/parse-yaml.ts';
import { treeToExactJson } from '../yaml/yaml-tree.ts';

/** The shared values of all files, merged at the top level; a repeated key is a mistake of the later file. */
export function parseCommon(files: readonly ProjectFile[]): {
  readonly common: Readonly<Record<string, Json>>;
  readonly diagnostics: readonly Diagnostic[];
} {
  const values = new Map<string, { readonly value: Json; readonly file: string }>();
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const mistakes = new Mistakes(file);
    for (const { key, keySpan, value } of parseYamlMapping(mistakes, 'Add shared values, or delete the file.')
      ?.entries ?? []) {
      const before = values.get(key);
      if (before)
        mistakes.add({
          code: 'duplicate-key',
          message: `'${key}' is already set in ${before.file}.`,
          span: keySpan,
          hint: 'Keep it in one of the files.',
        });
      else values.set(key, { value: treeToExactJson(value), file: file.path });
    }
    diagnostics.push(...mistakes.found);
  }
  return { common: Object.fromEntries([...values].map(([key, entry]) => [key, entry.value])), diagnostics };
}
