import { describe, expect, it } from 'vitest';
import { mayMove, movement, moves, type NodeEntry } from './moves.ts';

const NOW: NodeEntry = { definition: 'd1', artefact: 'a1', file: 'seeknal/m.yml' };

describe('moves', () => {
  it.each([
    ['the same entry', NOW, false],
    ['another artefact', { ...NOW, artefact: 'a2' }, true],
    ['an artefact that is still to be made', { ...NOW, artefact: null }, true],
    ['another definition over the same artefact', { ...NOW, definition: 'd2' }, true],
    ['another file', { ...NOW, file: 'seeknal/x/m.yml' }, true],
  ])('%s', (_, wanted, expected) => expect(moves(NOW, wanted)).toBe(expected));

  it('a node that does not exist yet', () => expect(moves(undefined, NOW)).toBe(true));
});

it('lists moved and removed entries', () => {
  const shown = new Map([
    ['transform.a', NOW],
    ['transform.b', NOW],
    ['transform.c', NOW],
  ]);
  const nodes = [
    { ...NOW, id: 'transform.a' },
    { ...NOW, id: 'transform.b', artefact: 'a2' },
    { ...NOW, id: 'transform.d' },
  ];
  expect(movement(shown, nodes)).toEqual({ moved: [nodes[1], nodes[2]], removed: ['transform.c'] });
});

it('counts a node to verify as one that may move', () => {
  expect(mayMove({ moves: false, verify: true })).toBe(true);
  expect(mayMove({ moves: false, verify: false })).toBe(false);
});
