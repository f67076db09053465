import type { Column } from '../../core/definition/nodes/node.ts';
import type { TargetStep } from '../../core/plan/targets/target-action.ts';

/** What a step does besides writing rows, as a short phrase for a person; none for the rows. */
export function stepPhrase(step: TargetStep): readonly string[] {
  switch (step.kind) {
    case 'create-schema':
      return [`creates schema ${step.name}`];
    case 'create-table':
      return ['creates the table'];
    case 'drop-table':
      return [`drops the table${step.lost.length > 0 ? ` with ${step.lost.join(', ')}` : ''}`];
    case 'adopt-table':
      return [`takes over the table (${adopted(step)})`];
    case 'add-columns':
      return [`adds ${step.columns.map(nameAndType).join(', ')}`];
    case 'widen-columns':
      return [`widens ${step.columns.map(column => `${nameAndType(column)} from ${column.from}`).join(', ')}`];
    case 'write-rows':
      return [];
  }
}

type Adopted = Extract<TargetStep, { kind: 'adopt-table' }>;

const adopted = ({ rows, owner }: Adopted): string =>
  `${rows} ${rows === 1 ? 'row' : 'rows'}${owner === null ? '' : `, owner ${owner}`}`;

const nameAndType = ({ name, type }: Column): string => `${name} ${type}`;
