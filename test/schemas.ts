import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { REPOSITORY } from './support/repository.ts';

const FOLDER = join(REPOSITORY, 'docs', 'reference', 'schemas');
const SUFFIX = '.schema.json';

/** Names of the published schemas; the document `seeknal.<name>` must match the schema `<name>`. */
export const SCHEMA_NAMES: readonly string[] = readdirSync(FOLDER)
  .filter(file => file.endsWith(SUFFIX))
  .map(file => file.slice(0, -SUFFIX.length))
  .sort();

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

/** Violations of the schema that a document's `format` names, as `path message`. */
export function schemaViolations(document: unknown): readonly string[] {
  const format = (document as { readonly format?: unknown } | null)?.format;
  const name = typeof format === 'string' ? format.replace(/^seeknal\./, '') : '';
  if (!SCHEMA_NAMES.includes(name)) return [`no schema for format ${JSON.stringify(format)}`];
  const validate = validatorOf(name);
  validate(document);
  return (validate.errors ?? []).map(error => `${error.instancePath || '/'} ${error.message}`);
}

function validatorOf(name: string): ValidateFunction {
  const known = compiled.get(name);
  if (known) return known;
  const validate = ajv.compile(JSON.parse(readFileSync(join(FOLDER, `${name}${SUFFIX}`), 'utf8')) as object);
  compiled.set(name, validate);
  return validate;
}
