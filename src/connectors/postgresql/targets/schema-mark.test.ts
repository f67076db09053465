import { describe, expect, it } from 'vitest';
import type { EnvironmentName } from '../../../core/environment/environment-name.ts';
import { isMarkedBy, schemaComment, schemaMark } from './schema-mark.ts';

const DEV = { lineage: 'abc', environment: 'dev' as EnvironmentName };

describe('the mark of a schema', () => {
  it('is a comment that says who made it', () => {
    expect(schemaComment(DEV)).toBe('seeknal: {"lineage":"abc","environment":"dev"}');
    expect(schemaMark(schemaComment(DEV))).toEqual(DEV);
    expect(isMarkedBy(schemaComment(DEV), DEV)).toBe(true);
  });

  it('belongs to one environment of one store', () => {
    expect(isMarkedBy(schemaComment(DEV), { ...DEV, lineage: 'abd' })).toBe(false);
    expect(isMarkedBy(schemaComment(DEV), { ...DEV, environment: null })).toBe(false);
    expect(isMarkedBy(schemaComment({ ...DEV, lineage: null }), { ...DEV, lineage: null })).toBe(false);
  });

  it.each([null, '', 'orders of the shop', 'seeknal: {', 'seeknal: null', 'seeknal: []', 'seeknal: {"lineage":"abc"}'])(
    'is not %j',
    comment => {
      expect(schemaMark(comment)).toBeNull();
    },
  );
});
