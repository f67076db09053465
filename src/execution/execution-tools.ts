import type { Analyser } from '../analysis/analyser.ts';
import type { SourceConnector } from '../connectors/source-connector.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { World } from '../core/world.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';
import type { ArtefactVerifier } from '../store/artefacts/artefact-verifier.ts';
import type { StoreWriter } from '../store/store-writer.ts';

/** The tools of execution. Each function takes the tools that it uses. */
export interface ExecutionTools {
  readonly world: Pick<World, 'now' | 'signal' | 'emit'>;
  readonly writer: StoreWriter;
  readonly analyser: Analyser;
  readonly artefacts: ArtefactVerifier;
  connector(source: SourceNode): SourceConnector;
  execution(): Promise<ExecutionSession>;
}

/** The tools of a command, with the store that it writes to. */
export const withWriter = (tools: Omit<ExecutionTools, 'writer'>, writer: StoreWriter): ExecutionTools => {
  const { world, analyser, artefacts, connector, execution } = tools;
  return { world, writer, analyser, artefacts, connector, execution };
};

export interface ExecutionOptions {
  readonly continueOnError: boolean;
  /** Number of retries for a failed node. */
  readonly retry: number;
  readonly workers: number;
  /** Runs nothing: a node without a usable artefact fails with `moved-on`. */
  readonly onlyReuse?: boolean;
}
