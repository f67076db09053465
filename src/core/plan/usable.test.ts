import { describe, expect, it } from 'vitest';
import type { InputRead } from './analysis.ts';
import { nodeIdOf } from '../definition/nodes/node-name.ts';
import { type Fit, fitOf, type InputState } from './usable.ts';

const A = nodeIdOf('transform', 'a');
const B = nodeIdOf('transform', 'b');

const reads = (input: typeof A, ...columns: string[]): InputRead => ({ input, columns, order: false });

const settled = (artefact: string): InputState => ({ kind: 'settled', artefact });
const TO_VERIFY: InputState = { kind: 'to-verify' };
const toMake = (volatile: { readonly columns?: readonly string[]; readonly rows?: boolean } = {}): InputState => ({
  kind: 'to-make',
  volatile: { columns: [], rows: false, ...volatile },
});

/** How an artefact that was built from `a1` and `b1` and reads `x` of both fits the given inputs. */
function fit(a: InputState | null, b: InputState | null = settled('b1'), equal: boolean | null = null): Fit {
  return fitOf({ inputs: { [A]: 'a1', [B]: 'b1' } }, [reads(A, 'x'), reads(B, 'x')], {
    stateOf: id => (id === A ? a : b),
    known: { equal: () => equal },
  });
}

describe('an artefact whose input is', () => {
  it.each<readonly [string, InputState | null, boolean | null, Fit]>([
    ['the artefact that it was built from', settled('a1'), null, 'same'],
    ['another artefact with equal data', settled('a2'), true, 'equal'],
    ['another artefact with different data', settled('a2'), false, 'unusable'],
    ['another artefact that was not compared', settled('a2'), null, 'unknown'],
    ['still to be verified', TO_VERIFY, true, 'unknown'],
    ['still to be built', toMake(), true, 'unknown'],
    ['still to be built, and volatile in a column that is read', toMake({ columns: ['x'] }), true, 'unusable'],
    ['still to be built, and volatile in an unread column', toMake({ columns: ['y'] }), true, 'unknown'],
    ['still to be built, with volatile rows', toMake({ rows: true }), true, 'unusable'],
    ['missing', null, true, 'unusable'],
  ])('%s', (_, state, equal, expected) => {
    expect(fit(state, settled('b1'), equal)).toBe(expected);
  });
});

describe('an artefact with two inputs', () => {
  it.each<readonly [string, InputState, InputState, boolean | null, Fit]>([
    ['fits as well as the worse of them', settled('a2'), settled('b1'), true, 'equal'],
    ['is unknown if one is unknown and the other equal', TO_VERIFY, settled('b2'), true, 'unknown'],
    ['is unknown in either order', settled('a2'), TO_VERIFY, true, 'unknown'],
    ['is unusable if one is unusable', TO_VERIFY, settled('b2'), false, 'unusable'],
    ['is unusable in either order', settled('a2'), TO_VERIFY, false, 'unusable'],
  ])('%s', (_, a, b, equal, expected) => {
    expect(fit(a, b, equal)).toBe(expected);
  });
});

it('an artefact that was built without an input that is read now is unusable', () => {
  const around = { stateOf: () => settled('a1'), known: { equal: () => true } };
  expect(fitOf({ inputs: { [A]: 'a1' } }, [reads(A), reads(B)], around)).toBe('unusable');
});

it('an artefact of a query that reads nothing always fits', () => {
  const around = { stateOf: () => null, known: { equal: () => false } };
  expect(fitOf({ inputs: {} }, [], around)).toBe('same');
});

it('two artefacts are compared in what is read, the earlier input first', () => {
  const asked: unknown[] = [];
  const read: InputRead = { input: A, columns: ['x', 'y'], order: true };
  fitOf({ inputs: { [A]: 'a1' } }, [read], {
    stateOf: () => settled('a2'),
    known: { equal: (...question) => asked.push(question) > 0 },
  });
  expect(asked).toEqual([['a1', 'a2', read]]);
});

it('nothing is compared if another input already makes the artefact unusable', () => {
  const compared: string[] = [];
  const fitted = fitOf({ inputs: { [B]: 'b1' } }, [reads(A), reads(B)], {
    stateOf: () => settled('b2'),
    known: { equal: a => compared.push(a) > 0 },
  });
  expect([fitted, compared]).toEqual(['unusable', []]);
});
