import type { CommonOptions, World } from '../../core/world.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { assertValid } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { freshParameters } from '../../project/parameters/given-parameters.ts';
import { readProject } from '../../project/resolved-project.ts';
import { analyseProject } from './analyse-project.ts';

export interface ValidProject {
  /** How many nodes the project has. */
  readonly nodes: number;
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Validates the project. Throws all mistakes at once. */
export async function validateProject(world: World, options: CommonOptions): Promise<ValidProject> {
  const root = findProjectRoot(world, options);
  const fresh = freshParameters(world, {});
  const { project, sound, diagnostics: found } = readProject(root, () => fresh, world);
  // Also validates the sound nodes, so that all errors surface at once.
  const bound = await analyseProject(world, { root, project, nodes: sound });
  const diagnostics = [...found, ...bound.diagnostics];
  assertValid(diagnostics);
  return { nodes: project.nodes.length, diagnostics };
}
