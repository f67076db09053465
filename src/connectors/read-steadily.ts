import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { InspectedSource } from '../core/plan/sources/source-inspection.ts';
import { toolErrorOf } from '../diagnostics/failure-text.ts';
import type { ReadRequest, SourceConnector, StagedData } from './source-connector.ts';

/** The first reading may find that the source changed since the plan; a change during a reading is then retried once. */
const READINGS = 3;

/** Reads a source as inspected; if it has changed, inspects it anew. Throws if it keeps changing, or has changed in a way that its definition refuses. */
export async function readSteadily(connector: SourceConnector, request: ReadRequest): Promise<StagedData> {
  let { inspection } = request;
  for (let reading = 1; ; reading += 1) {
    const read = await connector.read({ ...request, inspection });
    if (read.kind === 'staged') return read;
    if (reading === READINGS) throw toolErrorOf(read.failure);
    inspection = await inspectAnew(connector, request.source, inspection);
  }
}

async function inspectAnew(
  connector: SourceConnector,
  source: SourceNode,
  { earlier }: InspectedSource,
): Promise<InspectedSource> {
  const anew = await connector.inspect(source, { isKnown: () => Promise.resolve(false), earlier: () => earlier });
  if (anew.columns === null) throw new Error(`${source.id} was not inspected as asked`);
  if (anew.change?.refusal) throw toolErrorOf(anew.change.refusal);
  return anew;
}
