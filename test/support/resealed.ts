import { sealJson } from '../../src/store/ledger/sealed-json.ts';

/** The edited text of a store file with a new checksum; a text without a checksum is returned unchanged. */
export function resealed(text: string): string {
  const body = text.replace(/,"sha256":"[0-9a-f]{64}"\}\n$/, '}');
  return body === text ? text : sealJson(body);
}
