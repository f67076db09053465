import { canonicalJson, sha256Hex } from '../../canonical-json.ts';
import type { JsonObject } from '../../json.ts';

/** The hash under which the ledger holds a definition. */
export const definitionHash = (definition: JsonObject): string => sha256Hex(canonicalJson(definition)).slice(0, 32);
