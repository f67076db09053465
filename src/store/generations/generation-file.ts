import { existsSync, readdirSync } from 'node:fs';
import type { Json, JsonObject } from '../../core/json.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { Generation, GenerationNode } from '../../core/state/generation.ts';
import type { NodeParameters } from '../../core/parameters/node-parameters.ts';
import { parseSealed, sealJson } from '../ledger/sealed-json.ts';
import { damaged, readText } from '../ledger/stored-json.ts';

const FORMAT = 'seeknal.generation';
const HEAD_FORMAT = 'seeknal.head';

/** The generation that an environment points to; with `follows`, it shows production until its next apply. */
export interface Head {
  readonly serial: number;
  readonly follows: boolean;
}

/**
 * A generation as text, one line per node. A node that is equal in `like`, the base of an environment's generation, is
 * stored as its id alone, so an environment takes space only for what it changes.
 */
export function renderGeneration(generation: Generation, like: Generation | null): string {
  const { nodes, ...header } = generation;
  const known = new Map((like?.nodes ?? []).map(node => [node.id, JSON.stringify(node)]));
  const rows = nodes.map(node => (known.get(node.id) === JSON.stringify(node) ? node.id : rowOf(node, generation.at)));
  const head = JSON.stringify({ format: FORMAT, version: 1, like: like?.serial ?? null, ...header }).slice(0, -1);
  return sealJson(`${head},"nodes":[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]}`);
}

export interface GenerationOrigin {
  readonly path: string;
  /** The production generation with this serial; null if it does not exist. */
  production(serial: number): Generation | null;
}

/** Parses the text of a generation. Throws `format-too-new` or `store-damaged`. */
export function parseGeneration(text: string, origin: GenerationOrigin): Generation {
  const { path } = origin;
  const document = parseSealed(text, { path, format: FORMAT, last: 'nodes' });
  const { format: _, version: __, like, nodes, parameters, ...header } = document;
  const { at } = header;
  if (!Array.isArray(nodes) || typeof header['serial'] !== 'number' || typeof at !== 'string') throw damaged(path);
  const shared = typeof like === 'number' ? origin.production(like) : null;
  const known = new Map<string, GenerationNode>((shared?.nodes ?? []).map(node => [node.id, node]));
  // Format and version are checked, so renderGeneration wrote these rows.
  const entries = (nodes as readonly (Row | string)[]).map(row =>
    typeof row === 'string' ? known.get(row) : nodeOf(row, at),
  );
  const whole = entries.filter(node => node !== undefined).map(node => withOverrides(node, parameters));
  if (whole.length < entries.length) throw damaged(path);
  return { ...(header as unknown as Omit<Generation, 'nodes'>), nodes: whole };
}

/** Early stores recorded the values of `--params` per generation, not per node. */
function withOverrides(node: GenerationNode, parameters: Json | undefined): GenerationNode {
  const overrides = isObject(parameters) ? parameters['overrides'] : undefined;
  if (!isObject(overrides) || Object.keys(overrides).length === 0) return node;
  return { ...node, parameters: { ...node.parameters, overrides } };
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Serials of the generations in a folder, the latest first. */
export function readSerials(folder: string): readonly number[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const serials = files.map(file => /^(\d+)\.json$/.exec(file)?.[1]).filter(serial => serial !== undefined);
  return serials.map(Number).sort((a, b) => b - a);
}

export const renderHead = ({ serial, follows }: Head): string =>
  sealJson(JSON.stringify({ format: HEAD_FORMAT, version: 1, serial, follows }));

/** null if an environment has no generation yet. Throws `format-too-new` or `store-damaged`. */
export function readHead(path: string): Head | null {
  const text = readText(path);
  if (text === null) return null;
  const { serial, follows } = parseSealed(text, { path, format: HEAD_FORMAT, last: 'follows' });
  if (typeof serial !== 'number' || !Number.isSafeInteger(serial) || serial < 1) throw damaged(path);
  return { serial, follows: follows === true };
}

type Entry = string | null | NodeParameters;

/** Id, file, definition, artefact, fingerprint, status; then the time if it differs from the generation's, and parameters. */
type Row = readonly [string, string, string, string, string, GenerationNode['status'], ...Entry[]];

function rowOf(node: GenerationNode, at: string): Row {
  const { id, file, definition, artefact, fingerprint, status, parameters } = node;
  const time = node.at === at ? null : node.at;
  const rest: readonly Entry[] = parameters ? [time, parameters] : time === null ? [] : [time];
  return [id, file, definition, artefact, fingerprint, status, ...rest];
}

function nodeOf(
  [id, file, definition, artefact, fingerprint, status, at, parameters]: Row,
  common: string,
): GenerationNode {
  return {
    id: id as NodeId,
    file,
    definition,
    artefact,
    fingerprint,
    status,
    at: typeof at === 'string' ? at : common,
    ...(typeof parameters === 'object' && parameters !== null ? { parameters } : {}),
    targets: [],
  };
}
