import type { Diagnostic } from '../../../../diagnostics/diagnostic.ts';
import { Mistakes } from '../../yaml/mistakes.ts';
import type { ProjectFile, ProjectNode } from '../node.ts';
import { parseYamlMapping } from '../../yaml/parse-yaml.ts';
import { readNode } from './read-node.ts';
import { type ReadText, readTransformSql } from './read-transform.ts';

/** The node of one file, or null with at least one error. Inputs are not checked for existence. */
export function parseNodeFile(
  file: ProjectFile,
  readText: ReadText,
): { readonly node: ProjectNode | null; readonly diagnostics: readonly Diagnostic[] } {
  const mistakes = new Mistakes(file);
  const map = parseYamlMapping(mistakes);
  const node = map ? readNode(map, mistakes, reader => readTransformSql(reader, readText)) : null;
  const diagnostics = node ? mistakes.found.map(found => ({ ...found, node: node.id })) : mistakes.found;
  return { node, diagnostics };
}
