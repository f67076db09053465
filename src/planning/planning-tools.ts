import type { Analyser } from '../analysis/analyser.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../core/definition/nodes/target-definition.ts';
import type { TargetConnector } from '../connectors/target-connector.ts';
import type { SourceConnector } from '../connectors/source-connector.ts';
import type { World } from '../core/world.ts';
import type { ArtefactVerifier } from '../store/artefacts/artefact-verifier.ts';
import type { KnownArtefacts } from '../store/artefacts/known-artefacts.ts';

/** The tools of planning; they write only to caches. Each function takes the tools that it uses. */
export interface PlanningTools {
  readonly root: string;
  readonly world: Pick<World, 'variables' | 'now'>;
  readonly state: StateSnapshot;
  readonly analyser: Analyser;
  readonly artefacts: ArtefactVerifier;
  readonly known: KnownArtefacts;
  connector(source: SourceNode): SourceConnector;
  target(target: Pick<TargetDefinition, 'type'>): TargetConnector;
}
