import { describe, expect, it } from 'vitest';
import type { NodeId } from '../definition/nodes/node.ts';
import { type Generations, mergeGenerations } from './merge-generations.ts';

const generation = (entries: Record<string, string>): Generations =>
  new Map(
    Object.entries(entries).map(([id, text]) => {
      const [definition = '', artefact = ''] = text.split('/');
      return [id as NodeId, { definition, artefact }];
    }),
  );

const merge = (base: Record<string, string>, there: Record<string, string>, here: Record<string, string>) => {
  const merged = mergeGenerations(generation(base), generation(there), generation(here));
  return { take: Object.fromEntries(merged.take), conflicts: merged.conflicts, moved: merged.moved };
};

describe('mergeGenerations', () => {
  it('takes the one side that changed', () => {
    expect(merge({ a: 'd1/x', b: 'd1/y' }, { a: 'd1/x', b: 'd2/z' }, { a: 'd2/x2', b: 'd1/y' })).toEqual({
      take: { a: 'here', b: 'there' },
      conflicts: [],
      moved: [],
    });
  });

  it('takes additions and removals of either side', () => {
    expect(merge({ a: 'd/x', b: 'd/y' }, { b: 'd/y', n: 'd/n' }, { a: 'd/x', m: 'd/m' })).toEqual({
      take: { n: 'there', m: 'here' },
      conflicts: [],
      moved: [],
    });
  });

  it('reports different definitions on both sides as a conflict, including a removal against an edit', () => {
    expect(merge({ a: 'd1/x', b: 'd1/y' }, { a: 'd2/x', b: 'd2/y' }, { a: 'd3/x' })).toEqual({
      take: {},
      conflicts: ['a', 'b'],
      moved: [],
    });
  });

  it('keeps the target if equal definitions have different artefacts on both sides', () => {
    expect(merge({ a: 'd1/x' }, { a: 'd2/p' }, { a: 'd2/e' })).toEqual({
      take: { a: 'there' },
      conflicts: [],
      moved: [],
    });
    expect(merge({ a: 'd1/x' }, { a: 'd1/p' }, { a: 'd1/e' })).toEqual({
      take: { a: 'there' },
      conflicts: [],
      moved: [],
    });
  });

  it('takes data that only this side rebuilt', () => {
    expect(merge({ a: 'd1/x' }, { a: 'd1/x' }, { a: 'd1/e' })).toEqual({
      take: { a: 'here' },
      conflicts: [],
      moved: [],
    });
  });

  it('reports a node whose data changed there and whose definition changed here', () => {
    expect(merge({ a: 'd1/x' }, { a: 'd1/p' }, { a: 'd2/e' })).toEqual({ take: {}, conflicts: [], moved: ['a'] });
  });
});
