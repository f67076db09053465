import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../store/store-reader.ts';
import { runProduction } from '../app/production/run-production.ts';
import type { RunEvent } from '../core/world.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seeknal-sources-'));
  mkdirSync(join(root, 'seeknal'));
  writeFileSync(join(root, 'seeknal_project.yml'), 'name: sources\n');
  writeFileSync(join(root, 'seeknal', 'a.yml'), 'kind: source\nname: a\nsource: csv\ntable: a.csv\n');
  writeFileSync(join(root, 'a.csv'), 'id\n1\n2\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (emit: (event: RunEvent) => void) =>
  runProduction(
    { cwd: root, home: root, variables: {}, now: () => new Date(), signal: new AbortController().signal, emit },
    {},
  );

/** Columns and number of rows of the source's artefact. */
function built() {
  const store = openStore(root);
  const artefact = store.artefact(store.current(null)?.nodes[0]?.artefact ?? '');
  return [artefact?.columns.map(column => `${column.name} ${column.type}`), artefact?.rows];
}

describe('reading a source', () => {
  it('reads it as planned', async () => {
    await run(() => undefined);
    expect(built()).toEqual([['id BIGINT'], 2]);
  });

  it('reads the current files if they changed after the plan was made', async () => {
    await run(event => {
      if (event.kind === 'node-started') writeFileSync(join(root, 'a.csv'), 'name,id\nx,1.5\ny,2.5\nz,3.5\n');
    });
    expect(built()).toEqual([['name VARCHAR', 'id DOUBLE'], 3]);
  });
});
