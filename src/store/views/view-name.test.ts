import { describe, expect, it } from 'vitest';
import { nodeId } from '../store.fixture.ts';
import { viewFileName } from './view-name.ts';

describe('viewFileName', () => {
  it.each([
    ['transform.daily_revenue', 'transform_daily_revenue.parquet'],
    ['source.a b', 'source_a b.parquet'],
    ['source.größe', 'source_größe.parquet'],
    ['source.a*?[1]{x}=%:<>|"', 'source_a%2A%3F%5B1%5D%7Bx%7D%3D%25%3A%3C%3E%7C%22.parquet'],
    ['source.trailing ', 'source_trailing%20.parquet'],
  ])('shows %s as %s', (id, file) => expect(viewFileName(nodeId(id))).toBe(file));

  it('keeps long names distinct and within the limit of file systems', () => {
    const [a, b] = ['a', 'b'].map(end => viewFileName(nodeId(`source.${'ü'.repeat(200)}${end}`)));
    expect(a).not.toBe(b);
    expect(Buffer.byteLength(a ?? '')).toBeLessThanOrEqual(210);
  });
});
