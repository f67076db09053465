import { describe, expect, it } from 'vitest';
import { parseGeneration, renderGeneration } from './generation-file.ts';
import type { Generation, GenerationNode } from '../../core/state/generation.ts';
import { DEV, draft, nodeId } from '../store.fixture.ts';

const node = (id: string, artefact: string, at = '2026-01-01T00:00:00.000Z'): GenerationNode => ({
  id: nodeId(id),
  file: `seeknal/${id}.yml`,
  definition: 'd',
  artefact,
  fingerprint: 'f',
  status: 'executed',
  at,
  targets: [],
});

const generation = (nodes: readonly GenerationNode[], environment: Generation['environment'] = null): Generation => ({
  environment,
  serial: 3,
  parent: 2,
  ...draft(nodes, { base: { lineage: 'l', serial: 7 } }),
});

describe('a generation as text', () => {
  const production = generation([node('source.a', 'x'), node('transform.b', 'y', draft([]).at)]);

  it('is read back unchanged', () => {
    const text = renderGeneration(production, null);
    expect(parseGeneration(text, { path: 'p', production: () => null })).toEqual(production);
  });

  it('is read without a checksum if an early version wrote it', () => {
    const early = renderGeneration(production, null).replace(/,"sha256":"\w+"\}\n$/, '}\n');
    expect(early.endsWith(']}\n')).toBe(true);
    expect(parseGeneration(early, { path: 'p', production: () => null })).toEqual(production);
  });

  it('refers to nodes that equal those in the base, and keeps the order', () => {
    const environment = generation([node('transform.new', 'n'), node('transform.b', 'z'), node('source.a', 'x')], DEV);
    const text = renderGeneration(environment, production);
    expect(text.split('\n').slice(1, -2)).toEqual([
      '["transform.new","seeknal/transform.new.yml","d","n","f","executed","2026-01-01T00:00:00.000Z"],',
      '["transform.b","seeknal/transform.b.yml","d","z","f","executed","2026-01-01T00:00:00.000Z"],',
      '"source.a"',
    ]);
    const found = parseGeneration(text, { path: 'p', production: serial => (serial === 3 ? production : null) });
    expect(found).toEqual(environment);
  });

  it('gives each node the overrides that early stores kept per generation', () => {
    const early = renderGeneration(production, null)
      .replace('"nodes":[', '"parameters":{"date":"2026-01-01","overrides":{"value":7}},"nodes":[')
      .replace(/,"sha256":"[0-9a-f]+"/, '');
    const { nodes, ...header } = parseGeneration(early, { path: 'p', production: () => null });
    expect(header).not.toHaveProperty('parameters');
    expect(nodes.map(({ parameters }) => parameters)).toEqual([
      { overrides: { value: 7 } },
      { overrides: { value: 7 } },
    ]);
  });

  /** The character after a text, with its lowest bit flipped. */
  const flipped = (before: string): string => {
    const text = renderGeneration(production, null);
    const at = text.lastIndexOf(before) + before.length;
    return `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
  };

  it.each([
    ['its base is gone', renderGeneration(generation([node('source.a', 'x')], DEV), production), 'store-damaged'],
    ['a bit of a field that decides nothing flipped', flipped('"by":"'), 'store-damaged'],
    ['a bit of its checksum flipped', flipped('"sha256":"'), 'store-damaged'],
    ['a bit of the name of its checksum flipped', flipped('"sha'), 'store-damaged'],
    ['a line is gone', renderGeneration(production, null).replace(/\n\["source.a".*/, ''), 'store-damaged'],
    ['it is cut short', renderGeneration(production, null).slice(0, 80), 'store-damaged'],
    ['it is newer', renderGeneration(production, null).replace('"version":1', '"version":2'), 'format-too-new'],
    ['it is something else', '{"format":"seeknal.head","version":1}', 'store-damaged'],
  ])('is refused where %s', (_, text, code) => {
    expect(() => parseGeneration(text, { path: 'p', production: () => null })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
