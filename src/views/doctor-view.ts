import type { DoctorDocument, FoundProblem } from '../app/maintenance/doctor.ts';
import { plural } from './text/columns.ts';
import type { Style } from './text/style.ts';

/** What is wrong with the store, and what was mended; each line ended. */
export function renderDoctor(document: DoctorDocument, style: Style): string {
  const { checked, problems, healthy } = document;
  const repaired = problems.filter(problem => problem.repaired);
  const open = problems.length - repaired.length;
  const mended = repaired.length === 0 ? '' : `${plural(repaired.length, 'problem')} mended. `;
  const left = repaired.length === 0 ? '' : ' left';
  const counts = [
    plural(checked.environments, 'environment'),
    plural(checked.generations, 'generation'),
    plural(checked.artefacts, 'artefact'),
  ].join(', ');
  const closing = healthy
    ? `${style.good('✓')} ${mended}The store is whole: ${counts}.`
    : `${style.bad('✗')} ${mended}${plural(open, 'problem')}${left} in the store: ${counts} checked.`;
  return [...problems.flatMap(problem => linesOf(problem, style)), closing, ''].join('\n');
}

function linesOf(problem: FoundProblem, style: Style): readonly string[] {
  if (problem.repaired) return [`${style.good('✓')} mended: ${problem.message}`];
  const line = `${style.bad('✗')} ${problem.code}: ${problem.message}`;
  return problem.hint === null ? [line] : [line, style.faint(`    ${problem.hint}`)];
}
