import { sealJson } from '../../src/store/ledger/sealed-json.ts';

/** A file of the store that a test has edited, as if it had been written like that; one without a checksum stays as it is. */
export function resealed(text: string): string {
  const body = text.replace(/,"sha256":"[0-9a-f]{64}"\}\n$/, '}');
  return body === text ? text : sealJson(body);
}
