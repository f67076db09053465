import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { byPlace, checkCycles, checkInputs, checkUniqueIds, type ParsedNode } from './nodes/checks/check-references.ts';
import { Mistakes } from './yaml/mistakes.ts';
import type { Project, ProjectFile, ProjectNode, ProjectSettings } from './nodes/node.ts';
import { nodeIdOf } from './nodes/node-name.ts';
import { parseCommon } from './settings/parse-common.ts';
import { DEFAULT_SETTINGS, readSettings } from './settings/parse-settings.ts';
import { parseYamlMapping } from './yaml/parse-yaml.ts';
import { readNode } from './nodes/reading/read-node.ts';
import { type ReadText, readTransformSql } from './nodes/reading/read-transform.ts';

/** The files of a project as text. */
export interface ProjectInput {
  /** `seeknal_project.yml`. */
  readonly project: ProjectFile | null;
  readonly nodes: readonly ProjectFile[];
  /** `seeknal/common/*.yml`. */
  readonly common: readonly ProjectFile[];
  readonly readText: ReadText;
}

/** Parses all files of a project; diagnostics are sorted by file and line. Never throws for mistakes of the user. */
export function parseProject(input: ProjectInput): {
  readonly project: Project;
  readonly diagnostics: readonly Diagnostic[];
} {
  const settings = parseSettings(input.project);
  const common = parseCommon(input.common);
  const files = [...input.nodes]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(file => parseFile(file, input.readText));
  const parsed = files.flatMap(({ node, mistakes }): readonly ParsedNode[] => (node ? [{ node, mistakes }] : []));
  checkUniqueIds(parsed);
  checkInputs(
    parsed,
    files.flatMap(file => file.claimed),
  );
  checkCycles(firstOfEach(parsed));
  const ofNodes = files.flatMap(({ node, mistakes }) =>
    mistakes.found.map(found => (node ? { ...found, node: node.id } : found)),
  );
  return {
    project: { settings: settings.settings, nodes: sortedNodes(parsed), common: common.common },
    diagnostics: [...settings.diagnostics, ...common.diagnostics, ...ofNodes.sort(byPlace)],
  };
}

interface ParsedFile {
  readonly node: ProjectNode | null;
  /** Ids in the file, even if the rest is wrong, so that references to them are not reported too. */
  readonly claimed: readonly string[];
  readonly mistakes: Mistakes;
}

function parseFile(file: ProjectFile, readText: ReadText): ParsedFile {
  const mistakes = new Mistakes(file);
  const map = parseYamlMapping(mistakes);
  const node = map ? readNode(map, mistakes, reader => readTransformSql(reader, readText)) : null;
  const claimed = [...(node ? [node.id] : []), ...(mistakes.found.length > 0 ? claimedIds(file.text) : [])];
  return { node, claimed, mistakes };
}

/** The node ids in a text, one for each document, even if it is not valid YAML. */
function claimedIds(text: string): readonly string[] {
  return text.split(/^---.*$/m).flatMap(document => {
    const [kind, name] = ['kind', 'name'].map(key => {
      const written = new RegExp(`^${key}:[ \\t]+(?:"([^"\\n]*)"|'([^'\\n]*)'|([^\\s#'"][^\\n#]*))`, 'm').exec(
        document,
      );
      return (written?.[1] ?? written?.[2] ?? written?.[3])?.trim();
    });
    return kind && name ? [nodeIdOf(kind, name)] : [];
  });
}

function parseSettings(file: ProjectFile | null): {
  readonly settings: ProjectSettings;
  readonly diagnostics: readonly Diagnostic[];
} {
  if (!file) {
    const missing = diagnostic({
      code: 'file-not-found',
      message: 'seeknal_project.yml does not exist.',
      file: 'seeknal_project.yml',
      hint: 'Run `seeknal init` to create a project.',
    });
    return { settings: DEFAULT_SETTINGS, diagnostics: [missing] };
  }
  const mistakes = new Mistakes(file);
  const map = parseYamlMapping(mistakes, 'Add `name: my-project`.');
  return { settings: map ? readSettings(map, mistakes) : DEFAULT_SETTINGS, diagnostics: mistakes.found };
}

/** Skips repeated ids, which are already reported, for the search for cycles. */
function firstOfEach(nodes: readonly ParsedNode[]): readonly ParsedNode[] {
  const first = new Map<string, ParsedNode>();
  for (const entry of nodes) if (!first.has(entry.node.id)) first.set(entry.node.id, entry);
  return [...first.values()];
}

const sortedNodes = (nodes: readonly ParsedNode[]): readonly ProjectNode[] =>
  firstOfEach(nodes)
    .map(entry => entry.node)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
