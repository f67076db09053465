import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import ts from 'typescript';
import { REPOSITORY } from './support/repository.ts';

export interface ImportedModule {
  /** The path from the repository's root for own files; for all others the specifier as written. */
  readonly path: string;
  readonly own: boolean;
  /** Whether it imports only types, which do not exist at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly imports: readonly ImportedModule[];
  readonly tree: ts.SourceFile;
}

/** Paths of files below a folder whose names end in `extension`, sorted; empty if the folder does not exist. */
export function filesBelow(folder: string, extension: string): readonly string[] {
  const start = join(REPOSITORY, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(extension))
    .map(entry => relative(REPOSITORY, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}

/** Parses a TypeScript file; `path` is from the repository's root unless a text is given. */
export function parseSource(path: string, text = readFileSync(join(REPOSITORY, path), 'utf8')): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return { path, imports: importsOf(path, tree), tree };
}

function importsOf(path: string, tree: ts.SourceFile): readonly ImportedModule[] {
  const found: ImportedModule[] = [];
  visit(tree, node => {
    const specifier = specifierOf(node);
    if (specifier !== null) found.push(resolveImport(path, specifier, isTypeOnly(node)));
  });
  return found;
}

function specifierOf(node: ts.Node): string | null {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
    return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isDynamic && node.arguments[0] ? textOf(node.arguments[0]) : null;
}

const textOf = (node: ts.Node): string | null => (ts.isStringLiteralLike(node) ? node.text : null);

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const { isTypeOnly: whole, name, namedBindings } = node.importClause;
  if (whole) return true;
  return (
    !name &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every(element => element.isTypeOnly)
  );
}

function resolveImport(from: string, specifier: string, typeOnly: boolean): ImportedModule {
  if (!specifier.startsWith('.')) return { path: specifier, own: false, typeOnly };
  return { path: posix.join(dirname(from), specifier), own: true, typeOnly };
}

/** Visits a node and all its descendants, parents first. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, child => visit(child, see));
}

/** `path:line` of a node. */
export function placeOf(file: SourceFile, node: ts.Node): string {
  return `${file.path}:${file.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
