import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { InspectedSource } from '../core/plan/sources/source-inspection.ts';
import { toolErrorOf } from '../diagnostics/failure-text.ts';
import type { ReadRequest, SourceConnector, StagedData } from './source-connector.ts';

/** One for a change since the plan, and one retry for a change during the reading. */
const READINGS = 3;

/** Reads a source; inspects it again if it changed. Throws if it keeps changing, or if its definition refuses the change. */
export async function readSteadily(connector: SourceConnector, request: ReadRequest): Promise<StagedData> {
  let { inspection } = request;
  for (let reading = 1; ; reading += 1) {
    const read = await connector.read({ ...request, inspection });
    if (read.kind === 'staged') return read;
    if (reading === READINGS) throw toolErrorOf(read.failure);
    inspection = await inspectAgain(connector, request.source, inspection);
  }
}

async function inspectAgain(
  connector: SourceConnector,
  source: SourceNode,
  { earlier }: InspectedSource,
): Promise<InspectedSource> {
  const inspection = await connector.inspect(source, { isKnown: () => Promise.resolve(false), earlier: () => earlier });
  if (inspection.columns === null) throw new Error(`${source.id} was not fully inspected`);
  if (inspection.change?.refusal) throw toolErrorOf(inspection.change.refusal);
  return inspection;
}
