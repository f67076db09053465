import { expect, it } from 'vitest';
import type { Place } from '../../core/state/place.ts';
import { nodeId } from '../store.fixture.ts';
import { viewedFile } from './refresh-views.ts';

const ID = nodeId('transform.b');
const files = (...paths: readonly string[]): Place => ({
  kind: 'files',
  files: paths.map(path => ({ path, size: 1, mtimeMs: 1 })),
});

it('the view of an output links to its single file; several files are refused, and the error names the node', () => {
  expect(viewedFile(ID, files('/a.parquet'))).toBe('/a.parquet');
  expect(() => viewedFile(ID, files('/a.parquet', '/b.parquet'))).toThrow(
    expect.objectContaining({
      code: 'not-yet-supported',
      message: expect.stringContaining('transform.b has several files'),
    }),
  );
});
