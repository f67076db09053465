import { didYouMean } from '../../../diagnostics/suggest.ts';
import type { NodeId, TransformNode } from '../nodes/node.ts';
import { type Edit, edited, type MappedText, originalOffset } from '../yaml/mapped-text.ts';
import { splitReference } from '../nodes/node-name.ts';
import { lexSql, type SqlToken, unquoted } from './sql-lexer.ts';
import type { SqlMistake } from './sql-templates.ts';
import { tablePositions } from './sql-tables.ts';

/** The table name of a node in every session. */
export function tableOf(id: NodeId): string {
  const dot = id.indexOf('.');
  return [id.slice(0, dot), id.slice(dot + 1)].map(part => `"${part.replaceAll('"', '""')}"`).join('.');
}

/** Replaces `ref('…')`, `input_0` and `__THIS__` with table names; refuses nodes that are not inputs. */
export function replaceReferences(
  sql: MappedText,
  node: TransformNode,
  known: readonly NodeId[],
): { readonly sql: MappedText; readonly mistakes: readonly SqlMistake[] } {
  const finder = new ReferenceFinder(sql, node, known);
  finder.find();
  return { sql: edited(sql, finder.edits), mistakes: finder.mistakes };
}

class ReferenceFinder {
  readonly edits: Edit[] = [];
  readonly mistakes: SqlMistake[] = [];
  readonly #sql: MappedText;
  readonly #node: TransformNode;
  readonly #known: readonly NodeId[];
  readonly #tokens: readonly SqlToken[];
  readonly #tables: ReadonlySet<number>;
  readonly #ownNames: ReadonlySet<string>;

  constructor(sql: MappedText, node: TransformNode, known: readonly NodeId[]) {
    this.#sql = sql;
    this.#node = node;
    this.#known = known;
    this.#tokens = lexSql(sql.text);
    this.#tables = tablePositions(this.#tokens);
    this.#ownNames = namesGiven(this.#tokens);
  }

  find(): void {
    this.#tokens.forEach((token, index) => {
      if (this.#tokens[index - 1]?.upper === '.') return;
      const word = this.#word(index);
      if (word === 'REF' && this.#symbol(index + 1) === '(') this.#reference(index);
      else if (word === '__THIS__') this.#this(token);
      else if (/^INPUT_\d+$/.test(word) && !this.#ownNames.has(word)) this.#input(token, index);
      else if (this.#tables.has(index) && this.#symbol(index + 1) === '.') this.#native(index);
    });
  }

  /** A word in upper case. A quoted name, as DuckDB's formatter writes it, counts unless it may be a column. */
  #word(index: number): string {
    const token = this.#tokens[index];
    if (token?.kind !== 'quoted-name') return token?.upper ?? '';
    const name = (unquoted(token) ?? '').toUpperCase();
    const isTable = this.#tables.has(index) || this.#symbol(index + 1) === '.';
    return isTable || name === 'REF' ? name : '';
  }

  #symbol(index: number): string {
    return this.#tokens[index]?.upper ?? '';
  }

  #reference(index: number): void {
    const [word, argument, close] = [this.#tokens[index], this.#tokens[index + 2], this.#tokens[index + 3]];
    const written = argument ? unquoted(argument) : null;
    if (!word || !argument) return;
    if (written === null || close?.upper !== ')') {
      this.#mistake(
        'bad-reference',
        'ref() takes the id of one node as a text.',
        { from: word.from, to: argument.to },
        "Write ref('kind.name').",
      );
      return;
    }
    if (!splitReference(written)) return this.#noId(written, argument);
    const input = this.#node.inputs.find(candidate => candidate.id === written);
    if (input) this.edits.push({ from: word.from, to: close.to, text: tableOf(input.id) });
    else this.#unlisted(written, { from: argument.from + 1, to: argument.to - 1 });
  }

  #noId(written: string, argument: SqlToken): void {
    const named = this.#known.find(id => id.slice(id.indexOf('.') + 1).toLowerCase() === written.toLowerCase());
    const hint = named ? `Write ref('${named}').` : "Write ref('kind.name').";
    this.#mistake('bad-reference', `'${written}' is not a node id.`, argument, hint);
  }

  #input(token: SqlToken, index: number): void {
    const input = this.#node.inputs[Number(token.upper.slice('INPUT_'.length))];
    if (input) this.edits.push({ from: token.from, to: token.to, text: tableOf(input.id) });
    else if (this.#tables.has(index)) {
      const count = this.#node.inputs.length;
      const hint =
        count === 0
          ? 'The node has no inputs.'
          : `The node has ${count}: input_0${count > 1 ? ` to input_${count - 1}` : ''}.`;
      this.#mistake('unknown-input', `${token.text} does not exist.`, token, hint);
    }
  }

  #this(token: SqlToken): void {
    const [input, second] = this.#node.inputs;
    if (input && !second) this.edits.push({ from: token.from, to: token.to, text: tableOf(input.id) });
    else {
      const message = `__THIS__ needs exactly one input; ${this.#node.id} has ${this.#node.inputs.length}.`;
      this.#mistake('this-needs-one-input', message, token, "Write ref('kind.name') or input_0.");
    }
  }

  /** `source.x` in the place of a table is valid SQL; only the inputs are checked. */
  #native(index: number): void {
    const [kind, name] = [this.#tokens[index], this.#tokens[index + 2]].map(token =>
      token?.kind === 'word' ? token.text : token ? unquoted(token) : null,
    );
    const [first, last] = [this.#tokens[index], this.#tokens[index + 2]];
    if (!kind || !name || !first || !last || !['source', 'transform'].includes(kind.toLowerCase())) return;
    if (this.#symbol(index + 3) === '.' || this.#symbol(index + 3) === '(') return;
    const id = `${kind}.${name}`;
    const listed = this.#node.inputs.some(input => input.id.toLowerCase() === id.toLowerCase());
    if (!listed)
      this.#unlisted(this.#known.find(known => known.toLowerCase() === id.toLowerCase()) ?? id, {
        from: first.from,
        to: last.to,
      });
  }

  #unlisted(id: string, stretch: { readonly from: number; readonly to: number }): void {
    const inputs = this.#node.inputs.map(input => input.id);
    if (id === this.#node.id)
      this.#mistake(
        'reference-not-in-inputs',
        `${id} cannot read itself.`,
        stretch,
        'Read the inputs of the node instead.',
      );
    else if (this.#known.some(known => known === id)) {
      this.#mistake(
        'reference-not-in-inputs',
        `${id} is not in the inputs of ${this.#node.id}.`,
        stretch,
        `Add \`- ref: ${id}\` to its inputs.`,
      );
    } else {
      const add =
        this.#known.length === 0 ? `Add \`- ref: ${id}\` to its inputs.` : "Run 'seeknal list' to see all nodes.";
      const hint = didYouMean(id, [...inputs, ...this.#known], add);
      this.#mistake('reference-not-in-inputs', `${id} is not in the inputs of ${this.#node.id}.`, stretch, hint);
    }
  }

  #mistake(
    code: string,
    message: string,
    stretch: { readonly from: number; readonly to: number },
    hint: string | null,
  ): void {
    const offset = originalOffset(this.#sql, stretch.from);
    const length = Math.max(1, originalOffset(this.#sql, stretch.to) - offset);
    this.mistakes.push({ code, message, offset, length, hint });
  }
}

/** Names such as `input_0` that the query defines itself: `… AS input_0`, `WITH input_0 AS (…)`. */
function namesGiven(tokens: readonly SqlToken[]): ReadonlySet<string> {
  const given = tokens.filter((_, index) => {
    const [before, after, next] = [tokens[index - 1], tokens[index + 1], tokens[index + 2]];
    return (
      before?.upper === 'AS' || (after?.upper === 'AS' && ['(', 'MATERIALIZED', 'NOT'].includes(next?.upper ?? ''))
    );
  });
  return new Set(given.map(token => (unquoted(token) ?? token.text).toUpperCase()));
}
