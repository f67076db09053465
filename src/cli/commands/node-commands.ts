import type { Command } from 'commander';
import { renderGraph, renderLineage } from '../../views/lineage-view.ts';
import { renderNode, renderNodes } from '../../views/nodes-view.ts';
import { plural } from '../../views/text/columns.ts';
import { type Cli, perform } from '../command-session.ts';
import { commonOptions, given, type ProjectFlags, withProject } from '../options.ts';

/** `list`: all nodes. */
export function addListCommand(parent: Command, cli: Cli): void {
  withProject(parent.command('list').description('list the nodes of the project')).action(
    perform<ProjectFlags>(cli, async (session, flags) => {
      const { listNodes } = await import('../../app/nodes/list-nodes.ts');
      const nodes = await listNodes(session.world, commonOptions(flags));
      await session.result({ format: 'seeknal.list', version: 1, nodes }, () => renderNodes(nodes, session.style));
    }),
  );
}

interface ShowFlags extends ProjectFlags {
  readonly compiled?: boolean;
}

/** `show <node>`: one node in full. */
export function addShowCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('show')
    .description('show one node')
    .argument('<node>', 'node id (kind.name)')
    .option('--compiled', 'show the SQL as it runs, with every reference and parameter resolved');
  withProject(command).action(
    perform<ShowFlags>(cli, async (session, flags, node = '') => {
      const { showNode } = await import('../../app/nodes/show-node.ts');
      const details = await showNode(session.world, {
        node,
        compiled: flags.compiled === true,
        ...commonOptions(flags),
      });
      await session.result({ format: 'seeknal.show', version: 1, ...details }, () =>
        renderNode(details, session.style),
      );
    }),
  );
}

/** `validate`, with the alias `parse`: reports every mistake of the project. */
export function addValidateCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('validate')
    .alias('parse')
    .description('check the whole project and report every mistake');
  withProject(command).action(
    perform<ProjectFlags>(cli, async (session, flags) => {
      const { validateProject } = await import('../../app/nodes/validate-project.ts');
      const { nodes, diagnostics } = await validateProject(session.world, commonOptions(flags));
      session.assertNotInterrupted();
      session.warn(diagnostics);
      const document = { format: 'seeknal.validate', version: 1, nodes, diagnostics };
      await session.result(
        document,
        () => `${session.style.good('✓')} The project is valid: ${plural(nodes, 'node')}.\n`,
      );
    }),
  );
}

interface LineageFlags extends ProjectFlags {
  readonly ascii?: boolean;
  readonly column?: string;
  readonly recursive?: boolean;
}

/** `lineage [node]`: dependencies between nodes, and the lineage of a node's columns. */
export function addLineageCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('lineage')
    .description('show the inputs and consumers of a node, or the graph of the project')
    .argument('[node]', 'node id (kind.name)')
    .option('--ascii', 'draw a tree (default)')
    .option('-c, --column <name>', 'only this column')
    .option('--recursive', 'trace columns to sources instead of direct inputs');
  withProject(command).action(
    perform<LineageFlags>(cli, async (session, flags, node) => {
      const { lineage } = await import('../../app/nodes/lineage.ts');
      const { document, graph } = await lineage(session.world, {
        ...given({ node, column: flags.column, recursive: flags.recursive }),
        ...commonOptions(flags),
      });
      session.assertNotInterrupted();
      await session.result(document ?? { format: 'seeknal.graph', version: 1, ...graph }, () =>
        document === null ? renderGraph(graph, session.style) : renderLineage(document, graph, session.style),
      );
    }),
  );
}
