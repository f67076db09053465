import { sha256Hex } from '../../core/canonical-json.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';

/** File names have at most 255 bytes; this leaves room for the suffix of a temporary file. */
const LONGEST = 200;
// Control characters have to be encoded. oxlint-disable-next-line no-control-regex
const UNSAFE = /[*?[\]{}=%:<>|"\u0000-\u001f\u007f]|[ .]+$/g;

/** `<kind>_<name>.parquet`; percent-encodes unsafe and glob characters, and ends a long name in a hash. */
export function viewFileName(id: NodeId): string {
  const name = id.replace('.', '_').replace(UNSAFE, percentEncode);
  return `${Buffer.byteLength(name) > LONGEST ? shorten(name, id) : name}.parquet`;
}

/** Path of a node's output from the project root, with `/`; null is production. */
export function viewPath(environment: EnvironmentName | null, id: NodeId): string {
  const folder = environment === null ? 'target' : `target/environments/${environment}`;
  return `${folder}/intermediate/${viewFileName(id)}`;
}

const percentEncode = (text: string): string =>
  [...Buffer.from(text)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

function shorten(name: string, id: NodeId): string {
  const hash = sha256Hex(id).slice(0, 16);
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > LONGEST - hash.length - 1) break;
    kept += character;
  }
  return `${kept}~${hash}`;
}
