import type { InitResult } from '../app/maintenance/init-project.ts';
import { shellWord } from './text/shell-text.ts';
import type { Style } from './text/style.ts';

/** Renders a new project, and the next commands. */
export function renderInit(made: InitResult, style: Style): string {
  const place = made.path === '.' ? 'this folder' : made.path;
  const kept = made.kept.length > 0 ? [`  unchanged: ${made.kept.join(', ')}`] : [];
  return [
    `${style.good('✓')} Created project '${made.name}' in ${place}.`,
    ...made.files.map(file => `  ${file}`),
    ...kept,
    '',
    'Next:',
    ...(made.path === '.' ? [] : [`  cd ${shellWord(made.path)}`]),
    ...NEXT[made.template],
    '',
  ].join('\n');
}

const NEXT: Readonly<Record<InitResult['template'], readonly string[]>> = {
  ecommerce: ['  seeknal run', '  seeknal env plan dev', '  seeknal repl'],
  empty: ['  seeknal draft source raw_orders', '  seeknal apply draft_source_raw_orders.yml', '  seeknal run'],
};
