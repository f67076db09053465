import { describe, expect, it } from 'vitest';
import { ancestorsOf, descendantsOf, findCycles, type GraphNode, layersOf, topologicalOrder } from './graph.ts';

/** `a<b,c` means that a depends on b and c. */
const graph = (...lines: readonly string[]): readonly GraphNode[] =>
  lines.map(line => {
    const [id = '', inputs] = line.split('<');
    return { id, inputs: inputs ? inputs.split(',') : [] };
  });

const DIAMOND = graph('d<c,b', 'c<a', 'b<a,a', 'a<outside', 'z');

describe('layersOf and topologicalOrder', () => {
  it('puts every vertex after its inputs, each layer by id', () => {
    expect(layersOf(DIAMOND)).toEqual([['a', 'z'], ['b', 'c'], ['d']]);
    expect(topologicalOrder([...DIAMOND].reverse())).toEqual(['a', 'z', 'b', 'c', 'd']);
  });

  it('leaves out vertices on or below a cycle', () => {
    expect(layersOf(graph('a<b', 'b<a', 'c<b', 'd'))).toEqual([['d']]);
  });

  it('handles a chain of many thousand vertices', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => ({
      id: `n${index}`,
      inputs: index === 0 ? [] : [`n${index - 1}`],
    }));
    expect(layersOf(chain).length).toBe(20_000);
    expect(ancestorsOf(chain, ['n19999']).length).toBe(19_999);
  });
});

describe('descendantsOf and ancestorsOf', () => {
  it('follow edges to the end and leave out the start', () => {
    expect(descendantsOf(DIAMOND, ['a'])).toEqual(['b', 'c', 'd']);
    expect(ancestorsOf(DIAMOND, ['d'])).toEqual(['a', 'b', 'c']);
    expect(descendantsOf(DIAMOND, ['b', 'd'])).toEqual(['d']);
    expect(ancestorsOf(DIAMOND, ['unknown'])).toEqual([]);
  });
});

describe('findCycles', () => {
  it('finds none in a DAG', () => {
    expect(findCycles(DIAMOND)).toEqual([]);
  });

  it('returns one shortest cycle per group, starting at the least id', () => {
    expect(findCycles(graph('c<a', 'b<c', 'a<b', 'below<a', 'y<x', 'x<y,x', 'above'))).toEqual([
      ['a', 'b', 'c', 'a'],
      ['x', 'x'],
    ]);
  });
});
