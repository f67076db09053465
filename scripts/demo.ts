import { ReaderFolder } from './tutorial/reader-folder.ts';
import { readChapters } from './tutorial/chapters.ts';
import type { Step } from './tutorial/parse-chapter.ts';

const [bold, dim, plain] =
  process.stdout.isTTY && !process.env['NO_COLOR'] ? ['\u001b[1m', '\u001b[2m', '\u001b[0m'] : ['', '', ''];
const KEEP = '--keep';

/** Follows the guide in a temporary folder; false if a command does not end as the guide says. */
function demonstrate(folder: ReaderFolder): boolean {
  for (const { title, steps, needsPostgres } of readChapters()) {
    console.log(`\n${bold}━━ ${title}${plain}`);
    if (needsPostgres) {
      console.log(
        `\n${dim}Left out: it needs a PostgreSQL server. 'npm test -- test/tutorial' runs it on one.${plain}`,
      );
      continue;
    }
    for (const step of steps) if (!show(folder, step)) return false;
  }
  return true;
}

function show(folder: ReaderFolder, step: Step): boolean {
  if (step.kind === 'file') {
    folder.write(step);
    console.log(`\n${dim}✎ ${step.append ? 'add to' : 'write'} ${step.path}${plain}`);
    return true;
  }
  console.log(`\n${bold}$ ${step.command}${plain}${step.fails ? `   ${dim}# fails${plain}` : ''}`);
  for (const { text } of step.typed) console.log(`${dim}  ${text}${plain}`);
  const code = folder.runAloud(step);
  if ((code === 0) !== step.fails) return true;
  console.error(`\n'${step.command}' ended with exit code ${code}.`);
  return false;
}

const folder = new ReaderFolder();
const fine = demonstrate(folder);
if (process.argv.includes(KEEP)) console.log(`\nThe project is in ${folder.path}`);
else {
  folder.remove();
  console.log(`\n${dim}The folder was removed; 'npm run demo -- ${KEEP}' keeps it.${plain}`);
}
process.exitCode = fine ? 0 : 1;
