import type { SourceNode } from '../core/definition/nodes/node.ts';
import { connectorFor } from '../connectors/connector-for.ts';
import type { SourceConnector } from '../connectors/source-connector.ts';
import type { Workbench } from './workbench.ts';

/** The connector of a source, with the sessions and caches of one command. */
export function connectorOf(bench: Workbench, { source }: SourceNode): SourceConnector {
  const { root, hashes, world } = bench;
  return connectorFor(source, {
    root,
    hashes,
    signal: world.signal,
    now: () => world.now(),
    session: () => bench.execution(),
  });
}
