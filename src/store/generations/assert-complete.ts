import type { GenerationDraft } from '../../core/state/generation.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { damaged } from '../ledger/stored-json.ts';
import { viewedFile } from '../views/refresh-views.ts';
import type { StoreReader } from '../store-reader.ts';

/**
 * Checks that the store has all artefacts and definitions of a generation, and that views can show it. Throws
 * `artefact-missing`, `store-damaged`, `not-yet-supported`.
 */
export function assertComplete(store: StoreReader, { nodes }: GenerationDraft): void {
  const missing = nodes.filter(node => store.checkArtefact(node.artefact) === 'missing').map(node => node.id);
  if (missing.length > 0) {
    throw new ToolError('artefact-missing', `The outputs of ${missing.join(', ')} are no longer in the store.`, {
      hint: 'Plan and apply again to rebuild them.',
    });
  }
  for (const { id, artefact } of nodes) viewedFile(id, store.artefactPlace(artefact));
  const undefinedNode = nodes.find(node => store.definition(node.definition) === null);
  if (undefinedNode) throw damaged(`target/store/ledger.jsonl (no definition of ${undefinedNode.id})`);
}
