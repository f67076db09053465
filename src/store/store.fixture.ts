import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironmentName } from '../core/environment/environment-name.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { GenerationDraft, GenerationNode } from '../core/state/generation.ts';
import type { StoreWriter } from './store-writer.ts';

const folders: string[] = [];

/** An empty project root for a test; `removeTestRoots` removes it. */
export function testRoot(): string {
  // Code that does not treat paths literally would read `[1]` as a glob and `env=a` as a partition.
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-store-env=a[1]-'));
  folders.push(folder);
  return folder;
}

export function removeTestRoots(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const AT = '2026-03-01T10:00:00.000Z';
export const DEV = parseEnvironmentName('dev');
export const LOCK = { command: 'test', timeoutSeconds: 10 };
export const nodeId = (id: string): NodeId => id as NodeId;

export interface TestNode {
  readonly id: string;
  readonly data: string;
  readonly inputs?: readonly string[];
  /** When it was made. */
  readonly at?: string;
}

/** Stores a node's data and returns its entry for a generation. */
export async function storeNode(
  writer: StoreWriter,
  { id, data, inputs = [], at = AT }: TestNode,
): Promise<GenerationNode> {
  const temporary = writer.temporaryPath('.parquet');
  writeFileSync(temporary, data);
  const artefact = await writer.adoptArtefact(temporary, {
    node: nodeId(id),
    columns: [{ name: 'id', type: 'INTEGER' }],
    rows: data.length,
    identity: `identity-${data}`,
    inputs: {},
    endpoints: [],
    seconds: 0.5,
    at,
  });
  writer.name(`fingerprint-${data}`, artefact.id);
  const document = {
    kind: id.split('.')[0] ?? '',
    name: id.split('.')[1] ?? '',
    inputs: inputs.map(ref => ({ ref })),
    owner: 'ana',
  };
  return {
    id: nodeId(id),
    file: `seeknal/${id}.yml`,
    definition: writer.defineNode({ document, values: {} }),
    artefact: artefact.id,
    fingerprint: `fingerprint-${data}`,
    status: 'executed',
    at: AT,
    targets: [],
  };
}

export const draft = (nodes: readonly GenerationNode[], rest: Partial<GenerationDraft> = {}): GenerationDraft => ({
  cause: 'run',
  from: null,
  base: null,
  by: 'ana',
  at: AT,
  plan: null,
  nodes,
  ...rest,
});
