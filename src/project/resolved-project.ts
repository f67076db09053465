import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Project } from '../core/definition/nodes/node.ts';
import type { World } from '../core/world.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { assertValid, type LoadedProject, loadProject } from './load-project.ts';
import type { ParametersOf } from './parameters/given-parameters.ts';
import { resolveProject, soundNodes } from './parameters/resolve-nodes.ts';

/** A project's files with nothing left to fill in, and everything that is wrong with them. */
export interface ResolvedProject {
  readonly project: Project;
  /** Without those that could not be filled in. */
  readonly nodes: readonly DesiredNode[];
  /** Nodes without a mistake that their output depends on: what is found in the others would only follow from it. */
  readonly sound: readonly DesiredNode[];
  /** Every mistake and warning of the files and of the parameters. */
  readonly diagnostics: readonly Diagnostic[];
  /** One of them is an error. */
  readonly broken: boolean;
}

type Surroundings = Pick<World, 'now' | 'variables'>;

/** Reads a project's files and fills in their parameters; mistakes come back as values. */
export const readProject = (root: string, parametersOf: ParametersOf, world: Surroundings): ResolvedProject =>
  resolveLoaded(loadProject(root), parametersOf, world);

/** The same for files that have been read. */
export function resolveLoaded(
  { project, diagnostics: parsed }: LoadedProject,
  parametersOf: ParametersOf,
  world: Surroundings,
): ResolvedProject {
  const { nodes, diagnostics: filledIn } = resolveProject(project, parametersOf, world);
  const diagnostics = [...parsed, ...filledIn];
  return { project, nodes, sound: soundNodes(nodes, diagnostics), diagnostics, broken: hasErrors(diagnostics) };
}

/** The same for a project that has to be right. Throws every mistake at once. */
export function readValidProject(root: string, parametersOf: ParametersOf, world: Surroundings): ResolvedProject {
  const resolved = readProject(root, parametersOf, world);
  assertValid(resolved.diagnostics);
  return resolved;
}
