import { canonicalJson, sha256Hex } from '../../canonical-json.ts';
import type { JsonObject } from '../../json.ts';

/** The key of a definition in the ledger. */
export const definitionHash = (definition: JsonObject): string => sha256Hex(canonicalJson(definition)).slice(0, 32);
