import { existsSync, readFileSync, realpathSync } from 'node:fs';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { moveNodeFile } from '../../project/files/move-node-file.ts';
import { type NamedFile, pathIn, placeOf } from '../../project/files/file-target.ts';
import { lineDifference } from '../../core/definition/texts/line-difference.ts';
import { assertValid, loadProject } from '../../project/load-project.ts';
import { makePlan } from '../../planning/make-plan.ts';
import { checkFile, type CheckedFile } from '../../project/checked-file.ts';
import { openStore } from '../../store/store-reader.ts';
import { withTools } from '../with-tools.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface ApplyFileOptions extends CommonOptions {
  readonly file: string;
}

export interface FileMove {
  readonly id: NodeId;
  /** As the user named it. */
  readonly from: string;
  /** From the project root. */
  readonly to: string;
  readonly moves: boolean;
  /** Another file exists at the target. */
  readonly overwrites: boolean;
  /** Lines that begin with `+`, `-` or a space. */
  readonly difference: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a node's file and says where `apply` would put it. Writes nothing. */
export async function planFileMove(world: World, options: ApplyFileOptions): Promise<FileMove> {
  const checked = checkFile(world, options);
  const { root, node, file } = checked;
  await assertBinds(world, checked);
  const to = placeOf(root, file, node);
  assertOnlyDefinition(checked, to, file);
  const target = pathIn(root, to);
  const moves = !existsSync(target) || realpathSync(target) !== realpathSync(file.absolute);
  const overwrites = moves && existsSync(target);
  const before = overwrites ? readFileSync(target, 'utf8') : null;
  return {
    id: node.id,
    from: file.shown.replaceAll('\\', '/'),
    to,
    moves,
    overwrites,
    difference: before === null ? [] : lineDifference(before, file.text),
    diagnostics: checked.found,
  };
}

/** Moves the file to its place. Does not affect production. */
export async function applyFile(world: World, options: ApplyFileOptions): Promise<FileMove> {
  const move = await planFileMove(world, options);
  if (!move.moves) return move;
  const { root, file } = checkFile(world, options);
  moveNodeFile(root, { from: file.absolute, to: pathIn(root, move.to), text: file.text });
  return move;
}

async function assertBinds(world: World, { root, project, nodes, node, found }: CheckedFile): Promise<void> {
  const store = openStore(root);
  await withTools({ world, root, store, settings: project.settings }, async tools => {
    const made = await makePlan({ base: store.current(null), nodes, pinSources: true }, tools);
    assertValid([...found, ...made.diagnostics.filter(entry => entry.node === node.id)]);
  });
}

/** Throws `duplicate-node` if another file already defines the node. */
function assertOnlyDefinition({ root, node }: CheckedFile, to: string, file: NamedFile): void {
  const other = loadProject(root).project.nodes.find(existing => existing.id === node.id && existing.file !== to);
  if (!other || realpathSync(pathIn(root, other.file)) === realpathSync(file.absolute)) return;
  assertValid([
    diagnostic({
      code: 'duplicate-node',
      message: `${node.id} is already defined in ${other.file}.`,
      file: file.shown,
      at: node.at,
      hint: `Edit that file, or remove it first.`,
      node: node.id,
    }),
  ]);
}
