import type { Command } from 'commander';
import type { DeleteOptions } from '../../app/environments/delete-environment.ts';
import { renderDeletion, renderSchemasToDrop } from '../../views/deletion-view.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import { confirm } from '../confirm.ts';
import {
  commonOptions,
  given,
  type ProfileFlags,
  type ProjectFlags,
  withProfile,
  withProject,
  withYes,
  type YesFlag,
} from '../options.ts';

interface DeleteFlags extends ProjectFlags, ProfileFlags, YesFlag {
  readonly dropSchemas?: boolean;
}

/** `env delete <env>`. */
export function addDeleteCommand(group: Command, cli: Cli): void {
  const command = group
    .command('delete')
    .description('remove an environment')
    .argument('<env>', 'the environment')
    .option('--drop-schemas', 'also drop the database schemas that the environment made');
  withYes(withProfile(withProject(command))).action(
    perform<DeleteFlags>(cli, (session, flags, environment = '') =>
      deleteConfirmed(session, flags, {
        environment,
        ...commonOptions(flags),
        ...given({ dropSchemas: flags.dropSchemas, profile: profilePath(session.context, flags.profile) }),
      }),
    ),
  );
}

async function deleteConfirmed(session: CommandSession, flags: DeleteFlags, options: DeleteOptions): Promise<void> {
  const { deleteEnvironment, previewDeletion } = await import('../../app/environments/delete-environment.ts');
  const { environment } = options;
  const { dropped: toDrop } = await previewDeletion(session.world, options);
  await session.print(renderSchemasToDrop(toDrop));
  await confirm(session, `Delete environment '${environment}'?`, {
    what: `env delete ${environment}`,
    yes: flags.yes === true,
  });
  const { dropped, left } = await deleteEnvironment(session.world, options);
  const document = {
    format: 'seeknal.env-delete',
    version: 1,
    environment,
    deleted: true,
    schemas_dropped: dropped.map(({ endpoint, name }) => ({ endpoint, name })),
    schemas_left: left.map(({ endpoint, name }) => ({ endpoint, name })),
  };
  await session.result(document, () => renderDeletion(environment, { dropped, left }, session.style));
}
