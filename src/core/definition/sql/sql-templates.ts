import { TEMPLATE } from '../../parameters/expression.ts';
import { lookUp, mapMistake } from '../../parameters/resolve-value.ts';
import type { ParameterScope, TemplateMistake, UsedParameter } from '../../parameters/parameter-scope.ts';
import { renderInSql, type SqlPlace } from '../../parameters/render-value.ts';
import { isMapping } from '../../exact-number.ts';
import type { Json } from '../../json.ts';
import { type Edit, edited, type MappedText, mappedText } from '../yaml/mapped-text.ts';
import { lexSql, type SqlToken } from './sql-lexer.ts';

/** A mistake at a stretch of the SQL as written; UTF-16 units. */
export interface SqlMistake {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly hint: string | null;
}

/** SQL with its parameters filled in. */
export interface FilledSql {
  readonly sql: MappedText;
  readonly used: readonly UsedParameter[];
  readonly mistakes: readonly SqlMistake[];
}

/** SQL with its `{{ … }}` filled in and escaped; those in comments are ignored. `broken` parameters are already reported. */
export function fillTemplates(text: string, scope: ParameterScope, broken: ReadonlySet<string>): FilledSql {
  if (!text.includes('{{')) return { sql: mappedText(text), used: [], mistakes: [] };
  const filling = new Filling(scope, broken);
  for (const token of lexSql(text)) filling.fill(token, text);
  return { sql: edited(mappedText(text), filling.edits), used: filling.used, mistakes: filling.mistakes };
}

class Filling {
  readonly edits: Edit[] = [];
  readonly used: UsedParameter[] = [];
  readonly mistakes: SqlMistake[] = [];
  readonly #scope: ParameterScope;
  readonly #broken: ReadonlySet<string>;

  constructor(scope: ParameterScope, broken: ReadonlySet<string>) {
    this.#scope = scope;
    this.#broken = broken;
  }

  fill(token: SqlToken, text: string): void {
    const { kind } = token;
    if (kind === 'template')
      return this.#replace(token.text, token.from, { place: 'bare', before: text.charAt(token.from - 1), token });
    if (kind === 'word' || kind === 'number' || kind === 'symbol') return;
    for (const match of token.text.matchAll(new RegExp(TEMPLATE.source, 'g'))) {
      this.#replace(match[0], token.from + match.index, { place: kind, before: '', token });
    }
  }

  #replace(
    template: string,
    from: number,
    at: { readonly place: SqlPlace; readonly before: string; readonly token: SqlToken },
  ): void {
    const result = lookUp(template, this.#scope);
    const problem = 'mistake' in result ? result.mistake : unusable(template, result.found.value, at);
    if (problem) {
      const name = template.slice(2, -2).trim();
      if (!this.#broken.has(name)) this.mistakes.push({ ...problem, offset: from, length: template.length });
      // A placeholder keeps the rest of the SQL valid.
      this.edits.push({ from, to: from + template.length, text: at.place === 'bare' ? 'NULL' : '' });
      return;
    }
    if (!('found' in result)) return;
    this.used.push(...result.found.used);
    const rendered =
      result.found.isAlias && at.place === 'bare'
        ? String(result.found.value)
        : renderInSql(result.found.value, at.place);
    // Two minus signs would begin a comment.
    const text = at.before === '-' && rendered.startsWith('-') ? ` ${rendered}` : rendered;
    this.edits.push({ from, to: from + template.length, text });
  }
}

function unusable(
  template: string,
  value: Json,
  at: { readonly place: SqlPlace; readonly token: SqlToken },
): TemplateMistake | null {
  if (isMapping(value)) return mapMistake(template);
  if (at.place !== 'dollar-text') return null;
  const tag = /^\$[^$]*\$/.exec(at.token.text)?.[0] ?? '$$';
  if (!renderInSql(value, at.place).includes('$')) return null;
  return {
    code: 'bad-parameter',
    message: `The value of ${template} would end the text between ${tag}.`,
    hint: "Put it in '…', where it is escaped.",
  };
}
