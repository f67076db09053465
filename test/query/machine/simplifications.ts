import {
  columnNamed,
  columnsOf,
  expressionsOf,
  inputsOf,
  mapExpressions,
  type Expression,
  type Query,
} from './query-tree.ts';
import { namesIn, operatorsOf, partsOf, replaceOperator, replacePart } from './rewrite-tree.ts';
import { LITERALS } from './shapes.ts';

/** Queries that are simpler than the given one in one place; many do not bind. */
export function simplifications(query: Query): readonly Query[] {
  return operatorsOf(query).flatMap(operator =>
    [...simplerOperators(operator), ...simplerExpressions(operator)].map(simpler =>
      replaceOperator(query, operator, simpler),
    ),
  );
}

function simplerOperators(operator: Query): readonly Query[] {
  const inputs = inputsOf(operator);
  switch (operator.kind) {
    case 'scan':
      return operator.columns.map((_, index) => ({
        ...operator,
        columns: without(operator.columns, index),
        whole: false,
      }));
    case 'reference':
      return operator.columns.map((_, index) => ({ ...operator, columns: without(operator.columns, index) }));
    case 'project':
      return [...inputs, ...operator.items.map((_, index) => ({ ...operator, items: without(operator.items, index) }))];
    case 'aggregate':
      return [
        ...inputs,
        ...operator.keys.map((_, index) => ({ ...operator, keys: without(operator.keys, index) })),
        ...operator.calls.map((_, index) => ({ ...operator, calls: without(operator.calls, index) })),
        ...(operator.sets === '' ? [] : [{ ...operator, sets: '' } as const]),
      ];
    case 'order':
      return [
        ...inputs,
        ...operator.keys.map((_, index) => ({ ...operator, keys: without(operator.keys, index) })),
        ...(operator.direction === '' ? [] : [{ ...operator, direction: '' }]),
      ];
    case 'set':
      return [
        ...operator.arms.map(arm => armOf(arm.input, arm.values, operator.columns)),
        ...operator.columns.map((_, index) => ({
          ...operator,
          columns: without(operator.columns, index),
          arms: [armWithout(operator.arms[0], index), armWithout(operator.arms[1], index)] as const,
        })),
      ];
    case 'with':
      return [
        operator.body,
        operator.definition,
        ...(operator.mode === '' ? [] : [{ ...operator, mode: '' } as const]),
      ];
    case 'join':
      return [
        ...inputs,
        ...(operator.lateral ? [{ ...operator, lateral: false }] : []),
        ...(operator.using ? [{ ...operator, using: null, on: equal(operator.using.left, operator.using.right) }] : []),
      ];
    default:
      return inputs;
  }
}

const without = <T>(list: readonly T[], index: number): readonly T[] => list.filter((_, at) => at !== index);

const equal = (one: Expression, other: Expression): Expression => ({
  kind: 'call',
  shape: '($0 = $1)',
  operands: [one, other],
  type: 'BOOLEAN',
});

const armWithout = (arm: Extract<Query, { kind: 'set' }>['arms'][0], index: number) => ({
  ...arm,
  values: without(arm.values, index),
});

function armOf(
  input: Query,
  values: readonly Expression[],
  columns: Extract<Query, { kind: 'set' }>['columns'],
): Query {
  const items = columns.flatMap(({ name }, index) => {
    const expression = values[index];
    return expression ? [{ name, expression }] : [];
  });
  return { kind: 'project', input, items, adds: false };
}

function simplerExpressions(operator: Query): readonly Query[] {
  const scope = inputsOf(operator).flatMap(columnsOf);
  return expressionsOf(operator)
    .flatMap(partsOf)
    .flatMap(part =>
      simplerParts(part, scope.map(columnNamed)).map(simpler =>
        mapExpressions(operator, each => replacePart(each, part, simpler)),
      ),
    );
}

/** A call's operands, a literal, and the first column of its type. */
function simplerParts(part: Expression, scope: readonly Expression[]): readonly Expression[] {
  const [literal] = LITERALS[part.type];
  const constant: readonly Expression[] =
    literal === undefined ? [] : [{ kind: 'literal', sql: literal, type: part.type }];
  if (part.kind === 'literal') return part.sql === literal ? [] : constant;
  const column = scope.find(each => each.type === part.type);
  if (part.kind === 'column') return column && namesIn(column)[0] !== part.name ? [column] : [];
  const operands = part.operands.filter(operand => operand.type === part.type && operand.kind !== 'literal');
  const over = part.shape.indexOf(' OVER ');
  const plain =
    over < 0 || part.shape.endsWith('OVER ()') ? [] : [{ ...part, shape: `${part.shape.slice(0, over)} OVER ()` }];
  return [...operands, ...constant, ...(column ? [column] : []), ...plain];
}
