import { describe, expect, it } from 'vitest';
import { nodeIdOf } from '../definition/nodes/node-name.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { InputRead, NodeAnalysis } from './analysis.ts';
import { candidateFinder, type PointedTo, upToDateNodes } from './candidate-finder.ts';
import type { ArtefactKnowledge } from './usable.ts';

const A = nodeIdOf('transform', 'a');

const RELATION = { rows: '', columns: [], order: '' };

/** A query with a fingerprint; queries with the same `local` are equivalent. */
const query = (fingerprint: string, local = 'q', ...reads: readonly NodeId[]): NodeAnalysis => ({
  columns: [],
  relation: RELATION,
  fingerprint,
  local: { ...RELATION, fingerprint: local },
  reads: reads.map((input): InputRead => ({ input, columns: ['x'], order: false })),
  orderReads: [],
  lineage: { columns: [], rows: [], rowInputs: [] },
  volatile: { columns: [], rows: false },
  notes: [],
});

interface Stored {
  readonly named?: Readonly<Record<string, readonly string[]>>;
  readonly inputs?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Exceptions to the rule that artefacts are whole; null: unknown. */
  readonly whole?: Readonly<Record<string, boolean | null>>;
  readonly equal?: boolean | null;
}

const knowing = ({ named = {}, inputs = {}, whole = {}, equal = null }: Stored): ArtefactKnowledge => ({
  named: fingerprint => named[fingerprint] ?? [],
  inputsOf: artefact => inputs[artefact] ?? {},
  isWhole: artefact => (artefact in whole ? (whole[artefact] ?? null) : true),
  equal: () => equal,
});

const NOTHING: PointedTo = { base: new Map(), shown: new Map(), upToDate: new Set() };

const baseOf = (artefact: string, analysis: NodeAnalysis): PointedTo['base'] => new Map([[A, { artefact, analysis }]]);

/** How each artefact was found and its id, as in `local: of-base`, for a node with fingerprint `now`. */
function found(pointedTo: Partial<PointedTo>, stored: Stored, analysis = query('now')): readonly string[] {
  const find = candidateFinder({ ...NOTHING, ...pointedTo }, knowing(stored));
  return find(A, analysis).map(({ artefact, by }) => `${by}: ${artefact}`);
}

describe('candidates for a node', () => {
  it('are all artefacts with its fingerprint, latest first', () => {
    expect(found({}, { named: { now: ['second', 'first'] } })).toEqual(['fingerprint: second', 'fingerprint: first']);
  });

  it('begin with the artefacts of the base and of the environment', () => {
    const base = baseOf('of-base', query('now'));
    const shown = new Map([[A, { artefact: 'shown' }]]);
    const named = { now: ['latest', 'shown', 'of-base'] };
    expect(found({ base, shown }, { named })).toEqual([
      'fingerprint: of-base',
      'fingerprint: shown',
      'fingerprint: latest',
    ]);
  });

  it('end with the base artefact of an equivalent query whose inputs changed', () => {
    const base = baseOf('of-base', query('before'));
    expect(found({ base }, { named: { now: ['other'] } })).toEqual(['fingerprint: other', 'local: of-base']);
  });

  it('do not include the base artefact of a different query', () => {
    const base = baseOf('of-base', query('before', 'another query'));
    expect(found({ base }, {})).toEqual([]);
  });

  it('include an up-to-date base artefact that is not recorded under its fingerprint', () => {
    const base = baseOf('of-base', query('now'));
    expect(found({ base, upToDate: new Set([A]) }, {})).toEqual(['fingerprint: of-base']);
    expect(found({ base }, {})).toEqual(['local: of-base']);
  });

  it('do not include an artefact of the environment with another fingerprint', () => {
    expect(found({ shown: new Map([[A, { artefact: 'shown' }]]) }, {})).toEqual([]);
  });

  it.each([
    ['no longer whole', false],
    ['not known to be whole', null],
  ])('do not include artefacts that are %s', (_, whole) => {
    const base = baseOf('of-base', query('before'));
    const stored = { named: { now: ['broken', 'good'] }, whole: { broken: whole, 'of-base': whole } };
    expect(found({ base }, stored)).toEqual(['fingerprint: good']);
  });

  it('come with the artefacts that they were built from', () => {
    const known = knowing({ named: { now: ['one'] }, inputs: { one: { 'source.s': 's1' } } });
    expect(candidateFinder(NOTHING, known)(A, query('now'))).toEqual([
      { artefact: 'one', by: 'fingerprint', inputs: { 'source.s': 's1' } },
    ]);
  });
});

describe('a base node is up to date', () => {
  const [S, M, C] = [nodeIdOf('source', 's'), nodeIdOf('transform', 'm'), nodeIdOf('transform', 'c')];

  /** `c` reads `m`, which reads `s`; all were built from the base's artefacts except for those given in `built`. */
  function upToDate(built: Readonly<Record<string, Readonly<Record<string, string>>>>, equal: boolean | null = null) {
    const base: PointedTo['base'] = new Map([
      [S, { artefact: 's1', analysis: query('s') }],
      [M, { artefact: 'm1', analysis: query('m', 'm', S) }],
      [C, { artefact: 'c1', analysis: query('c', 'c', M) }],
    ]);
    const inputs = { s1: {}, m1: { [S]: 's1' }, c1: { [M]: 'm1' }, ...built };
    return [...upToDateNodes(base, knowing({ inputs, equal }))];
  }

  it('if it was built from the base artefacts of its inputs, all the way up', () => {
    expect(upToDate({})).toEqual([S, M, C]);
  });

  it('not if an input has another artefact; nor are the nodes below it', () => {
    expect(upToDate({ m1: { [S]: 's0' } })).toEqual([S]);
    expect(upToDate({ c1: { [M]: 'm0' } })).toEqual([S, M]);
  });

  it('if that other artefact is known to hold equal data', () => {
    expect(upToDate({ m1: { [S]: 's0' } }, true)).toEqual([S, M, C]);
    expect(upToDate({ m1: { [S]: 's0' } }, false)).toEqual([S]);
  });

  it('not if it was built without one of its inputs', () => {
    expect(upToDate({ m1: {} })).toEqual([S]);
  });
});
