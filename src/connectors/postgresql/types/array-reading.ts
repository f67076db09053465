import type { ElementReading } from './element-reading.ts';
import { raisedByServer } from './value-marker.ts';

interface ArrayPlace {
  readonly column: number;
  readonly value: string;
  readonly found: string;
}

/** How an array travels: as an array if the extension reads it, else as JSON of its elements' text. */
export function arrayReading(
  element: ElementReading,
  dimensions: number,
  { column, value, found }: ArrayPlace,
): { readonly type: string; readonly server: string; readonly stage: string } {
  const type = element.type + '[]'.repeat(dimensions);
  const misfit = misfitArray(element, dimensions, value);
  const checked = (kept: string, sent: string): string =>
    `CASE WHEN ${misfit} THEN ${raisedByServer(column, value, sent)} ELSE ${kept} END`;
  if (dimensions === 1 && element.plain !== 'bytea') {
    const { plain, transport } = element;
    const server = `(${checked(`${value}::${plain}[]`, `${plain}[]`)})::${transport}[]`;
    return { type, server, stage: element.type === 'JSON' ? `CAST(${found} AS JSON[])` : found };
  }
  const texts = `CAST(CAST(${found} AS JSON) AS VARCHAR${'[]'.repeat(dimensions)})`;
  const server = checked(`to_json(${value}::text[])::text`, 'text');
  return { type, server, stage: transformed(texts, dimensions, element) };
}

/** PostgreSQL does not enforce the declared dimensions; an empty array has none. */
function misfitArray({ plain, misfit }: ElementReading, dimensions: number, value: string): string {
  const shape = `array_ndims(${value}) <> ${dimensions}`;
  if (!misfit) return shape;
  return `${shape} OR EXISTS (SELECT FROM unnest(${value}::${plain}[]) AS u(v) WHERE ${misfit('u.v')})`;
}

function transformed(list: string, dimensions: number, element: ElementReading): string {
  if (dimensions === 0) return element.type === 'VARCHAR' ? list : element.fromText(list);
  const item = `l${dimensions}`;
  return `list_transform(${list}, ${item} -> ${transformed(item, dimensions - 1, element)})`;
}
