import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts keys at every level and keeps the order of lists', () => {
    expect(canonicalJson({ b: [2, { d: null, c: 'x' }], a: true, B: 1.5 })).toBe(
      '{"B":1.5,"a":true,"b":[2,{"c":"x","d":null}]}',
    );
  });

  it('writes plain values as JSON does', () => {
    expect([null, 'é"\n', 0, false].map(canonicalJson)).toEqual(['null', '"é\\"\\n"', '0', 'false']);
  });
});

describe('sha256Hex', () => {
  it('hashes UTF-8', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex('ü')).toBe(sha256Hex('\u00fc'));
  });
});
