import { describe, expect, it } from 'vitest';
import type { CleanupDocument } from '../app/maintenance/clean-up.ts';
import type { DoctorDocument, FoundProblem } from '../app/maintenance/doctor.ts';
import type { RollbackDocument } from '../app/environments/rollback.ts';
import { byteText, isNothing, renderCleanup } from './cleanup-view.ts';
import { renderDoctor } from './doctor-view.ts';
import { renderRollback } from './rollback-view.ts';
import { PLAIN } from './text/style.ts';

const problem: FoundProblem = {
  code: 'view-wrong',
  message: 'target/manifest.json is missing.',
  environment: null,
  node: null,
  artefact: null,
  generations: [],
  path: 'target/manifest.json',
  hint: "Run 'seeknal doctor --repair' to rebuild it from the store.",
  repaired: false,
};

const doctor = (...problems: readonly FoundProblem[]): DoctorDocument => ({
  format: 'seeknal.doctor',
  version: 1,
  healthy: problems.every(entry => entry.repaired),
  checked: { environments: 1, generations: 2, artefacts: 0 },
  problems,
});

describe('renderDoctor', () => {
  it('shows problems, repairs, and the remaining problems', () => {
    expect(renderDoctor(doctor(), PLAIN)).toBe('✓ The store is intact: 1 environment, 2 generations, 0 artefacts.\n');
    expect(renderDoctor(doctor({ ...problem, repaired: true }), PLAIN)).toBe(
      [
        '✓ repaired: target/manifest.json is missing.',
        '✓ 1 problem repaired. The store is intact: 1 environment, 2 generations, 0 artefacts.',
        '',
      ].join('\n'),
    );
    expect(renderDoctor(doctor({ ...problem, repaired: true }, { ...problem, hint: null }), PLAIN)).toBe(
      [
        '✓ repaired: target/manifest.json is missing.',
        '✗ view-wrong: target/manifest.json is missing.',
        '✗ 1 problem repaired. 1 problem left in the store: 1 environment, 2 generations, 0 artefacts checked.',
        '',
      ].join('\n'),
    );
  });
});

describe('renderCleanup', () => {
  const document: CleanupDocument = {
    format: 'seeknal.cleanup',
    version: 1,
    environments: ['old'],
    generations: [{ environment: null, serial: 1, bytes: 500 }],
    artefacts: [{ id: 'a', node: 'transform.m', bytes: 1_500_000 }],
    bytes: 1_500_500,
    unreadable: [],
    schemas_dropped: [],
    schemas_left: [],
  };

  it('lists names and sizes', () => {
    expect(renderCleanup(document, PLAIN)).toBe(
      [
        '  environment old   removed: it had expired',
        '  1 generation beyond what is kept',
        '  1 artefact that nothing refers to   1.5 MB',
        '✓ Cleaned up: 1.5 MB freed.',
        '',
      ].join('\n'),
    );
  });

  it('names damaged generations that are kept', () => {
    const unreadable = [
      { environment: null, serial: 2 },
      { environment: 'dev', serial: 1 },
    ];
    const shown = renderCleanup({ ...document, unreadable }, PLAIN);
    expect(shown.split('\n').slice(0, 3)).toEqual([
      'warning: generation 2 of production is damaged: kept, with everything it may refer to',
      'warning: generation 1 of dev is damaged: kept, with everything it may refer to',
      '  environment old   removed: it had expired',
    ]);
  });

  it('says if there is nothing to remove', () => {
    const nothing = { ...document, environments: [], generations: [], artefacts: [], bytes: 0 };
    expect([isNothing(nothing), renderCleanup(nothing, PLAIN)]).toEqual([true, '✓ Nothing to clean up.\n']);
    expect(isNothing(document)).toBe(false);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_234_567, '1.2 MB'],
    [9e15, '9000.0 TB'],
  ])('byteText(%j) is %s', (bytes, text) => {
    expect(byteText(bytes)).toBe(text);
  });
});

const REST = { seconds: null, error: null, reason: '', targets: [] } as const;

describe('renderRollback', () => {
  const document: RollbackDocument = {
    format: 'seeknal.run',
    version: 1,
    environment: 'dev',
    serial: 4,
    status: 'done',
    nodes: [
      { id: 'transform.a', status: 'promoted', rows: 1, changed: true, ...REST },
      { id: 'transform.b', status: 'reused', rows: 1, changed: false, ...REST },
      { id: 'transform.c', status: 'removed', rows: null, changed: true, ...REST },
    ],
    diagnostics: [],
    rolled_back_from: 3,
    rolled_back_to: 2,
  };

  it('names the changed nodes and the new generation', () => {
    expect(renderRollback(document, PLAIN)).toBe(
      [
        '  transform.a   restored from generation 2   1 row',
        '  transform.c   removed',
        "✓ Restored generation 2 of 'dev' as generation 4: 2 nodes changed.",
        '',
      ].join('\n'),
    );
    expect(renderRollback({ ...document, dry_run: true, nodes: [] }, PLAIN)).toBe(
      "ℹ Rolling 'dev' back from generation 3 to 2 changes:\n  no node\n",
    );
  });
});
