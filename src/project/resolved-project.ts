import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Project } from '../core/definition/nodes/node.ts';
import type { World } from '../core/world.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { assertValid, type LoadedProject, loadProject } from './load-project.ts';
import type { ParametersOf } from './parameters/given-parameters.ts';
import { resolveProject, soundNodes } from './parameters/resolve-nodes.ts';

/** A project with its parameters filled in, and all diagnostics. */
export interface ResolvedProject {
  readonly project: Project;
  /** Without nodes that could not be filled in. */
  readonly nodes: readonly DesiredNode[];
  /** Nodes without mistakes that affect their output; further mistakes of the others would be consequences. */
  readonly sound: readonly DesiredNode[];
  /** All mistakes and warnings of the files and the parameters. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether a diagnostic is an error. */
  readonly broken: boolean;
}

type Surroundings = Pick<World, 'now' | 'variables'>;

/** Reads a project's files and fills in their parameters; returns mistakes as values. */
export const readProject = (root: string, parametersOf: ParametersOf, world: Surroundings): ResolvedProject =>
  resolveLoaded(loadProject(root), parametersOf, world);

/** The same for a project that is already loaded. */
export function resolveLoaded(
  { project, diagnostics: parsed }: LoadedProject,
  parametersOf: ParametersOf,
  world: Surroundings,
): ResolvedProject {
  const { nodes, diagnostics: filledIn } = resolveProject(project, parametersOf, world);
  const diagnostics = [...parsed, ...filledIn];
  return { project, nodes, sound: soundNodes(nodes, diagnostics), diagnostics, broken: hasErrors(diagnostics) };
}

/** The same for a project that must be valid. Throws all mistakes at once. */
export function readValidProject(root: string, parametersOf: ParametersOf, world: Surroundings): ResolvedProject {
  const resolved = readProject(root, parametersOf, world);
  assertValid(resolved.diagnostics);
  return resolved;
}
