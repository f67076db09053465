import { sha256Hex } from '../../core/canonical-json.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';

/** Leaves room for a temporary's ending in the 255 bytes that file systems take. */
const LONGEST = 200;
// eslint-disable-next-line no-control-regex -- control characters are what must not get through
const UNSAFE = /[*?[\]{}=%:<>|"\u0000-\u001f\u007f]|[ .]+$/g;

/** `<kind>_<name>.parquet`: what a file system cannot hold or a glob would read is percent-encoded, a long name ends in a hash. */
export function viewFileName(id: NodeId): string {
  const name = id.replace('.', '_').replace(UNSAFE, percentEncode);
  return `${Buffer.byteLength(name) > LONGEST ? shorten(name, id) : name}.parquet`;
}

/** From the project root, with `/`: where people find a node's output; null is production. */
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
