import { sha256Hex } from '../../core/canonical-json.ts';
import type { JsonObject } from '../../core/json.ts';
import { damaged, parseDocument } from './stored-json.ts';

const KEY = 'sha256';
const SEAL = new RegExp(`^([^]*),"${KEY}":"([0-9a-f]{64})"\\}\\n?$`);

/** Appends a last field to the text of a JSON object: the checksum of everything before it. */
export function sealJson(text: string): string {
  const body = text.trimEnd().replace(/\}$/, '');
  return `${body},"${KEY}":"${sha256Hex(body)}"}\n`;
}

export interface SealedOrigin {
  readonly path: string;
  readonly format: string;
  /** The last field of a document from versions without checksums. */
  readonly last: string;
}

/** The document without its checksum. Throws `format-too-new`, or `store-damaged` if any byte was changed. */
export function parseSealed(text: string, { path, format, last }: SealedOrigin): JsonObject {
  const { [KEY]: found, ...document } = parseDocument(text, { path, format });
  const seal = SEAL.exec(text);
  const isEarly = found === undefined && Object.keys(document).at(-1) === last;
  if (seal ? sha256Hex(seal[1] ?? '') !== seal[2] : !isEarly) throw damaged(path);
  return document;
}
