import type { EnvironmentDetails } from '../app/environments/show-environment.ts';
import type { EnvironmentEntry, EnvironmentsDocument } from '../core/documents/environments-document.ts';
import { alignColumns, plural } from './text/columns.ts';
import { shortTime } from './text/short-time.ts';
import type { Style } from './text/style.ts';

/** Renders all environments as a table with a total; each line ends with a newline. */
export function renderEnvironments(document: EnvironmentsDocument, style: Style): string {
  const { environments } = document;
  if (environments.length === 0) return `${style.note('ℹ')} No environments found.\n`;
  const [head = '', ...rows] = alignColumns([
    ['Name', 'Status', 'Created', 'Last used', 'Expires'],
    ...environments.map(cells),
  ]);
  const painted = rows.map((row, index) => paint(row, environments[index], style));
  return [style.strong(head), ...painted, '', `Total: ${plural(environments.length, 'environment')}`, ''].join('\n');
}

const cells = (entry: EnvironmentEntry): readonly string[] => [
  entry.name,
  entry.status,
  shortTime(entry.created_at),
  shortTime(entry.last_used_at),
  entry.expired ? 'EXPIRED' : entry.expires_at === null ? 'never' : shortTime(entry.expires_at),
];

function paint(row: string, entry: EnvironmentEntry | undefined, style: Style): string {
  if (entry?.status === 'corrupt' || entry?.status === 'failed') return style.bad(row);
  return entry?.expired === true ? style.caution(row) : row;
}

/** Renders one environment: its base, its changes, and whether it can be promoted. */
export function renderEnvironment(details: EnvironmentDetails, style: Style): string {
  const { entry, base, profile, changed } = details;
  const facts: readonly (readonly [string, string])[] = [
    ['Status', `${entry.status}${entry.expired ? ', EXPIRED' : ''}`],
    ['Generation', entry.serial === null ? 'none yet' : String(entry.serial)],
    ['Created', shortTime(entry.created_at)],
    ['Last used', shortTime(entry.last_used_at)],
    ['Expires', entry.expires_at === null ? 'never' : shortTime(entry.expires_at)],
    ['Base', details.planned ? baseText(base) : 'unknown: the plan cannot be read'],
    ['Profile', profile === null ? 'none' : `${profile.path} (${profile.because})`],
    ['Targets behind', details.targetsBehind.length === 0 ? 'none' : details.targetsBehind.join(', ')],
    ['Promotable', details.promotable ? 'yes' : `no: ${details.why ?? 'it is not applied'}`],
  ];
  const nodes = changed.map(node => [node.id, node.change, (node.category ?? '').replace('_', '-'), node.action]);
  const list = nodes.length === 0 ? ['Changed nodes: none'] : ['Changed nodes:', ...alignColumns(nodes, '  ')];
  return [
    `${style.note('ℹ')} ${style.strong(`Environment: ${entry.name}`)}`,
    ...alignColumns(
      facts.map(([name, text]) => [`${name}:`, text]),
      '  ',
    ),
    ...list,
    '',
  ].join('\n');
}

function baseText(base: EnvironmentDetails['base']): string {
  if (base === null) return 'none: there was no production';
  const now = base.production === null ? 'production no longer exists' : `production is at ${base.production}`;
  return base.serial === base.production ? `production's generation ${base.serial}` : `based on ${base.serial}, ${now}`;
}
