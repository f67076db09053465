import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesBelow, parseSource, placeOf, type SourceFile, visit } from './source-files.ts';
import { REPOSITORY } from './support/repository.ts';

const ALL = filesBelow('src', '.ts').map(path => parseSource(path));
const isTest = (path: string): boolean => /\.(test|fixture|testing|contract)\.ts$/.test(path);
const PRODUCT = ALL.filter(file => !isTest(file.path));

/** The rooms of `src` in the order of data flow: a room may import only rooms after it. */
const ROOMS: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['repl', 'web'],
  ['views'],
  ['app'],
  ['promotion'],
  ['execution', 'planning'],
  ['analysis', 'project'],
  ['store', 'connectors', 'connections'],
  ['engine'],
  ['core'],
  ['diagnostics'],
];

/** Views may import types from anywhere, but functions only from these rooms. */
const VIEWS_CALL: ReadonlySet<string> = new Set(['core', 'diagnostics']);

/** Diagnostics refer to nodes by their id type. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = { diagnostics: ['core'] };

const layerOf = (path: string): string => /^src\/([^/]+?)(\.ts$|\/)/.exec(path)?.[1] ?? path;

const rankOf = (room: string): number => ROOMS.findIndex(rooms => rooms.includes(room));

function forbiddenImports(file: SourceFile): readonly string[] {
  const from = layerOf(file.path);
  return file.imports
    .filter(({ path, own, typeOnly }) => own && !mayImport(from, layerOf(path), typeOnly))
    .map(({ path }) => `${file.path} imports ${path}`);
}

function mayImport(from: string, to: string, typeOnly: boolean): boolean {
  if (from === to || (typeOnly && (TYPES_ONLY[from] ?? []).includes(to))) return true;
  if (from === 'views' && !typeOnly && !VIEWS_CALL.has(to)) return false;
  return rankOf(from) < rankOf(to);
}

describe('direction of imports', () => {
  it('knows every folder of src', () => {
    expect([...new Set(ALL.map(file => layerOf(file.path)))].filter(layer => rankOf(layer) < 0)).toEqual([]);
  });

  it('is respected by every file', () => {
    expect(PRODUCT.flatMap(forbiddenImports)).toEqual([]);
  });

  it('is reported if it is violated', () => {
    const wrong = parseSource(
      'src/core/plan/wrong.ts',
      "import { openStore } from '../../store/store-reader.ts';\nconst x = import('../../app/environments/promote.ts');",
    );
    expect(forbiddenImports(wrong)).toEqual([
      'src/core/plan/wrong.ts imports src/store/store-reader.ts',
      'src/core/plan/wrong.ts imports src/app/environments/promote.ts',
    ]);
  });

  it('does not lead from the product to tests', () => {
    const imported = PRODUCT.flatMap(file =>
      file.imports.filter(({ path }) => isTest(path)).map(({ path }) => `${file.path} imports ${path}`),
    );
    expect(imported).toEqual([]);
  });
});

describe('a place', () => {
  it('is looked into by the engine and by the store of artefacts alone', () => {
    const allowed = /^src\/(engine\/|store\/artefacts\/|store\/ledger\/ledger-line\.ts$|core\/state\/)/;
    const users = PRODUCT.filter(file => /\bplacedFiles\b|\bPlacedFile\b/.test(file.tree.text)).map(file => file.path);
    expect(users.filter(path => !allowed.test(path))).toEqual([]);
  });
});

describe('DuckDB', () => {
  it('is imported only by the engine, and dynamically', () => {
    const early = PRODUCT.filter(file =>
      file.imports.some(({ path, typeOnly }) => path.startsWith('@duckdb/') && !typeOnly && !isDynamic(file, path)),
    );
    expect(early.map(file => file.path)).toEqual([]);
    const users = PRODUCT.filter(file => file.imports.some(({ path }) => path.startsWith('@duckdb/'))).map(file =>
      layerOf(file.path),
    );
    expect(users.filter(room => room !== 'engine')).toEqual([]);
  });
});

function isDynamic(file: SourceFile, specifier: string): boolean {
  return !file.tree.statements.some(
    statement =>
      ts.isImportDeclaration(statement) &&
      ts.isStringLiteral(statement.moduleSpecifier) &&
      statement.moduleSpecifier.text === specifier &&
      !statement.importClause?.isTypeOnly,
  );
}

const PURE_MODULES = ['node:crypto', 'node:path/posix', 'yaml'];
const GLOBALS_OF_THE_WORLD = new Set([
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'console',
  'globalThis',
  'crypto',
  'Buffer',
]);

/** Uses of anything that is not a function of the arguments. */
function impurities(file: SourceFile): readonly string[] {
  const found = file.imports
    .filter(({ path, own }) => !own && !PURE_MODULES.includes(path) && !isPosixPaths(file, path))
    .map(({ path }) => `${file.path} imports ${path}`);
  visit(file.tree, node => {
    const what = impurityOf(node);
    if (what !== null) found.push(`${placeOf(file, node)}: ${what}`);
  });
  return found;
}

/** Whether a file imports only `posix` from `node:path`, which equals `node:path/posix`. */
function isPosixPaths(file: SourceFile, specifier: string): boolean {
  return specifier === 'node:path' && /import \{ posix \} from 'node:path'/.test(file.tree.text);
}

function impurityOf(node: ts.Node): string | null {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) return 'async';
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return 'import()';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    return 'new Date()';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Promise') return 'new Promise()';
  if (ts.isPropertyAccessExpression(node) && ['Date.now', 'Math.random'].includes(node.getText()))
    return node.getText();
  if (ts.isIdentifier(node) && GLOBALS_OF_THE_WORLD.has(node.text) && isGlobal(node)) return node.text;
  return /^random(UUID|Bytes|Int)$/.test(ts.isIdentifier(node) ? node.text : '') ? 'randomness' : null;
}

/** Whether an identifier is the global, not a property, key or declaration of the same name. */
function isGlobal(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return ts.isExpression(parent) || ts.isVariableDeclaration(parent)
    ? !(ts.isVariableDeclaration(parent) && parent.name === node)
    : false;
}

describe('core', () => {
  it('is pure', () => {
    expect(PRODUCT.filter(file => layerOf(file.path) === 'core').flatMap(impurities)).toEqual([]);
  });

  it('is reported if it is not', () => {
    const wrong = [
      "import { readFileSync } from 'node:fs';",
      "import { randomUUID } from 'node:crypto';",
      'export const now = () => [Date.now(), new Date(), new Date(0), Math.random()];',
      "export const home = () => process.env['HOME'];",
      'export async function wait() { await 1; }',
      'export const word = { process: 1 }.process;',
    ];
    expect(impurities(parseSource('src/core/wrong.ts', wrong.join('\n')))).toEqual([
      'src/core/wrong.ts imports node:fs',
      'src/core/wrong.ts:2: randomness',
      'src/core/wrong.ts:3: Date.now',
      'src/core/wrong.ts:3: new Date()',
      'src/core/wrong.ts:3: Math.random',
      'src/core/wrong.ts:4: process',
      'src/core/wrong.ts:5: async',
      'src/core/wrong.ts:5: async',
    ]);
  });
});

describe('process', () => {
  it('is used only by main, for the owner of a lock, and to end the processes of a command', () => {
    const readers = PRODUCT.filter(file => layerOf(file.path) !== 'main').flatMap(readsOfProcess);
    expect(readers).toEqual([
      'src/connections/password-command.ts: process.kill',
      'src/store/lock/lock-owner.ts: process.pid',
      'src/store/lock/lock-owner.ts: process.pid',
      'src/store/lock/lock-owner.ts: process.kill',
    ]);
  });
});

function readsOfProcess(file: SourceFile): readonly string[] {
  const found: string[] = [];
  visit(file.tree, node => {
    if (ts.isIdentifier(node) && node.text === 'process' && isGlobal(node))
      found.push(`${file.path}: ${node.parent.getText()}`);
  });
  return found;
}

describe('files', () => {
  it('are not barrels and have no default exports', () => {
    const barrels = ALL.filter(file =>
      file.tree.statements.some(
        statement => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
      ),
    );
    const defaults = ALL.filter(file => file.tree.statements.some(isDefaultExport));
    expect([...barrels, ...defaults].map(file => file.path)).toEqual([]);
    expect(ALL.filter(file => file.path.endsWith('/index.ts')).map(file => file.path)).toEqual([]);
  });

  it('have no import cycles', () => {
    expect(importCycle(PRODUCT)).toBeNull();
  });

  it('are named in kebab-case', () => {
    expect(
      ALL.map(file => file.path).filter(path => !/^src(\/[a-z0-9]+(-[a-z0-9]+)*)+(\.[a-z]+)?\.ts$/.test(path)),
    ).toEqual([]);
  });
});

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

/** The first import cycle as a path; null if there is none. Type imports count. */
function importCycle(files: readonly SourceFile[]): readonly string[] | null {
  const imports = new Map(
    files.map(file => [file.path, file.imports.filter(({ own }) => own).map(({ path }) => path)]),
  );
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of imports.get(path) ?? []) {
      const cycle = walk(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of imports.keys()) {
    const cycle = walk(path, []);
    if (cycle) return cycle;
  }
  return null;
}

describe('the repository', () => {
  it('contains no local paths', () => {
    const machine = /(?:^|[^\w.~])(?:\/(?:home|Users)\/[a-z]|\/root\/|\/work\/|[A-Z]:\\Users\\)/;
    const found = trackedFiles().filter(path => machine.test(readFileSync(join(REPOSITORY, path), 'utf8')));
    expect(found.filter(path => path !== 'test/architecture.test.ts')).toEqual([]);
  });

  it('pins every dependency, and its lock file names no registry', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
    expect(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});

/** Text files that git tracks or would add; without git, all files of the main folders. */
function trackedFiles(): readonly string[] {
  const binary = /\.(parquet|png|duckdb)$/;
  try {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate'], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const deleted = execFileSync('git', ['ls-files', '-d'], { cwd: REPOSITORY }).toString().split('\n');
    return listed
      .toString()
      .split('\n')
      .filter(path => path !== '' && !deleted.includes(path) && !binary.test(path));
  } catch {
    return ['src', 'test', 'docs', 'scripts', 'examples']
      .flatMap(folder => filesBelow(folder, ''))
      .filter(path => !binary.test(path));
  }
}
