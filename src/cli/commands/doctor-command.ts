import type { Command } from 'commander';
import { renderDoctor } from '../../views/doctor-view.ts';
import { type Cli, perform } from '../command-session.ts';
import { commonOptions, given, type ProjectFlags, withProject, withYes, type YesFlag } from '../options.ts';

interface DoctorFlags extends ProjectFlags, YesFlag {
  readonly repair?: boolean;
}

/** `doctor`: checks everything under `target/`, without questions. */
export function addDoctorCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('doctor')
    .description('check the whole store: every table, reference, record and view')
    .option('--repair', 'repair what can be repaired (default: only report)');
  withYes(withProject(command)).action(
    perform<DoctorFlags>(cli, async (session, flags) => {
      const { examineStore } = await import('../../app/maintenance/doctor.ts');
      const options = { ...commonOptions(flags), ...given({ repair: flags.repair }) };
      const document = await examineStore(session.world, options);
      session.assertNotInterrupted();
      await session.result(document, () => renderDoctor(document, session.style));
      return document.healthy ? 0 : 1;
    }),
  );
}
