import type { DoctorDocument, FoundProblem } from '../app/maintenance/doctor.ts';
import { plural } from './text/columns.ts';
import type { Style } from './text/style.ts';

/** Renders problems of the store, and which of them were repaired; each line ends with a newline. */
export function renderDoctor(document: DoctorDocument, style: Style): string {
  const { checked, problems, healthy } = document;
  const repaired = problems.filter(problem => problem.repaired);
  const open = problems.length - repaired.length;
  const done = repaired.length === 0 ? '' : `${plural(repaired.length, 'problem')} repaired. `;
  const left = repaired.length === 0 ? '' : ' left';
  const counts = [
    plural(checked.environments, 'environment'),
    plural(checked.generations, 'generation'),
    plural(checked.artefacts, 'artefact'),
  ].join(', ');
  const closing = healthy
    ? `${style.good('✓')} ${done}The store is intact: ${counts}.`
    : `${style.bad('✗')} ${done}${plural(open, 'problem')}${left} in the store: ${counts} checked.`;
  return [...problems.flatMap(problem => linesOf(problem, style)), closing, ''].join('\n');
}

function linesOf(problem: FoundProblem, style: Style): readonly string[] {
  if (problem.repaired) return [`${style.good('✓')} repaired: ${problem.message}`];
  const line = `${style.bad('✗')} ${problem.code}: ${problem.message}`;
  return problem.hint === null ? [line] : [line, style.faint(`    ${problem.hint}`)];
}
