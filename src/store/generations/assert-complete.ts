import type { GenerationDraft } from '../../core/state/generation.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { damaged } from '../ledger/stored-json.ts';
import type { StoreReader } from '../store-reader.ts';

/** Checks that the store has all artefacts and definitions of a generation. Throws `artefact-missing`, `store-damaged`. */
export function assertComplete(store: StoreReader, { nodes }: GenerationDraft): void {
  const missing = nodes.filter(node => store.checkArtefact(node.artefact) === 'missing').map(node => node.id);
  if (missing.length > 0) {
    throw new ToolError('artefact-missing', `The outputs of ${missing.join(', ')} are no longer in the store.`, {
      hint: 'Plan and apply again to rebuild them.',
    });
  }
  const undefinedNode = nodes.find(node => store.definition(node.definition) === null);
  if (undefinedNode) throw damaged(`target/store/ledger.jsonl (no definition of ${undefinedNode.id})`);
}
