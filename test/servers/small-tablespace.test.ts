import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startPostgres } from './postgres.ts';
import { describeFullDisk, smallTablespace } from './small-tablespace.ts';

describeFullDisk('a small tablespace', () => {
  it('is full after so many megabytes, and removed with the server', async () => {
    const postgres = await startPostgres();
    const tablespace = await smallTablespace(postgres, 4);
    await postgres.rows(`CREATE TABLE t (n bigint) TABLESPACE ${tablespace}`);
    await postgres.rows('INSERT INTO t SELECT range FROM generate_series(1, 1000) range');
    const fill = postgres.rows('INSERT INTO t SELECT range FROM generate_series(1, 1000000) range');
    await expect(fill).rejects.toMatchObject({ code: '53100' });
    expect(await postgres.rows('SELECT count(*) FROM t')).toEqual([['1000']]);
    await postgres.stop();
    expect(existsSync(postgres.folder)).toBe(false);
  });
});
